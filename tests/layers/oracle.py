"""Keras as a judge: one child process per backend, asked in JSON lines."""

import contextlib
import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, Self

WORKER = Path(__file__).with_name("keras_worker.py")

Request = dict[str, Any]
Answer = Any


class Oracle:
    """A child process that builds (backend ``numpy``) or also runs (``tensorflow``) one small model per request."""

    def __init__(self, backend: str, worker: Path = WORKER) -> None:
        self.backend = backend
        self.worker = worker
        self.lock = threading.Lock()
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> subprocess.Popen[str]:
        environment = os.environ | {
            "KERAS_BACKEND": self.backend,
            "CUDA_VISIBLE_DEVICES": "-1",
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "JAX_PLATFORMS": "cpu",
            "OMP_NUM_THREADS": "1",
        }
        return subprocess.Popen(
            [sys.executable, str(self.worker)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
            env=environment,
        )

    def ask(self, request: Request) -> Answer:
        """The answer; a process that dies on a request is the answer to it, and the next one gets a new process."""
        with self.lock:
            if self.process is None:
                self.process = self.start()
            assert self.process.stdin is not None and self.process.stdout is not None
            try:
                self.process.stdin.write(json.dumps(request) + "\n")
                self.process.stdin.flush()
                line = self.process.stdout.readline()
            except BrokenPipeError:
                line = ""
            return json.loads(line) if line else {"error": f"Died: exit status {self.close()}"}

    def close(self) -> int:
        """End the process, if there is one; its exit status."""
        if self.process is None:
            return 0
        assert self.process.stdin is not None and self.process.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        status = self.process.wait()
        self.process.stdout.close()
        self.process = None
        return status

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
