"""What a title's set of artwork has, repeats and lacks. Pure functions on arrays and tables.

columns     the suite's columns beside each asset: rank and z-score in the title, order, novelty, redundancy
overview    one title at a look: everything below, put together
similarity  how alike the pictures are · selection  what to show first, what repeats · diversity  one number
dimensions  lead × shot × palette × tone × text, one entry each · coverage  what is shown of it · gap  what is missing
"""
