"""Understanding: what a turn says, clause by clause, before anything is decided.

::

    text ─▶ corrections ─▶ splitting ─▶ model ─▶ requests ─▶ permission        entities   consent
            a slip and its  clauses      acts      what is     may an intent     numbers,   an answer to
            repair                                 wanted      act on it?        dates, …   a confirmation
"""
