"""Serves a GGUF file to this machine alone until standard input ends; run as a program by `gguf`.

``python gguf_server.py FILE TOKENS THREADS KEY OUTPUT``: the address is written to the file descriptor OUTPUT.
"""

import os
import sys


def main() -> None:
    """Load the model, say where it answers, and wait."""
    path, tokens, threads, key, output = sys.argv[1:6]
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = path
    params.hostnames, params.port, params.api_keys, params.ui = ["127.0.0.1"], 0, [key], False
    params.n_ctx, params.n_parallel, params.use_jinja = int(tokens), 1, True
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = int(threads)
    server = xllamacpp.Server(params)
    os.write(int(output), f"{server.listening_address}\n".encode())
    while os.read(0, 1024):
        pass
    os._exit(0)


if __name__ == "__main__":
    main()
