"""Exports: the rows of a run or an index as a dense matrix, in the form that a consumer's own library reads."""
