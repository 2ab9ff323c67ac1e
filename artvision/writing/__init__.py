"""Writing a run: staging that survives a kill, compaction, catalogue columns carried through."""
