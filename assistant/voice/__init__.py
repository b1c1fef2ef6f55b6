"""The background voice assistant: it waits, listens, answers aloud, and can be interrupted.

::

    sound ─▶ echo guard ─▶ pre-buffer ─▶ wake word ─▶ voice activity ─▶ endpointing ─▶ turn ─▶ reply, aloud
                                                        partial transcripts meanwhile

    idle ──wake, push, speech──▶ listening ──endpoint──▶ thinking ──reply──▶ speaking ──┐
     ▲                            │  ▲  ▲                    │                  │       │
     ├──nothing said, rejected────┘  │  └──speaker goes on───┴──interrupted─────┘       │
     │                           speech                                                 │
     └───────nothing said──────── follow_up ◀──────── the assistant has asked something ┤
     └──────────────────────────────────────────────────────────────────────────────────┘

`loop.py` is the file to read first. All of it runs on one event loop; what computes runs elsewhere.
"""
