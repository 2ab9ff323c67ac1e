"""A run or an index as one page that a person opens: distributions, suites as contact sheets, failures."""
