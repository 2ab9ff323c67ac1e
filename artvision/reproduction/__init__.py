"""Does a run reproduce: a sample of its pictures is computed again on this machine and compared with what is stored.

(Pairs of faces are verified in `recognition/verification.py`; that is another thing.)
"""
