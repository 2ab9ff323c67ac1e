"""The gate for CI: rules over the rows of a run or an index, their findings, waivers, and reports of them."""
