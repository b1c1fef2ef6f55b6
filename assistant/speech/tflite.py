"""TensorFlow Lite networks whose inputs may have any length, by the C library that pymicro-wakeword brings along."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.types import FloatArray

__all__ = ["TfliteNetwork"]

_POINTER, _INT, _SIZE = ctypes.c_void_p, ctypes.c_int, ctypes.c_size_t
_FUNCTIONS: dict[str, tuple[Any, ...]] = {  # each with what it returns, and then what it takes
    "TfLiteModelCreate": (_POINTER, ctypes.c_char_p, _SIZE),
    "TfLiteInterpreterOptionsCreate": (_POINTER,),
    "TfLiteInterpreterOptionsSetNumThreads": (None, _POINTER, _INT),
    "TfLiteInterpreterCreate": (_POINTER, _POINTER, _POINTER),
    "TfLiteInterpreterResizeInputTensor": (_INT, _POINTER, _INT, ctypes.POINTER(_INT), _INT),
    "TfLiteInterpreterAllocateTensors": (_INT, _POINTER),
    "TfLiteInterpreterInvoke": (_INT, _POINTER),
    "TfLiteInterpreterGetInputTensor": (_POINTER, _POINTER, _INT),
    "TfLiteInterpreterGetOutputTensor": (_POINTER, _POINTER, _INT),
    "TfLiteTensorNumDims": (_INT, _POINTER),
    "TfLiteTensorDim": (_INT, _POINTER, _INT),
    "TfLiteTensorByteSize": (_SIZE, _POINTER),
    "TfLiteTensorData": (_POINTER, _POINTER),
}


@cache
def _library() -> Any:
    import pymicro_wakeword

    path = next((Path(pymicro_wakeword.__file__).parent / "lib").glob("*tensorflowlite_c.*"))
    library = ctypes.CDLL(str(path))
    for name, (result, *arguments) in _FUNCTIONS.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library


class TfliteNetwork:
    """A network; not to be called from two threads at once.

    Raises:
        ValueError: the bytes are no network, or one of operators that the library lacks.
    """

    def __init__(self, model: bytes, threads: int = 2) -> None:
        self._bytes, library = model, _library()  # the library reads them in place
        made = library.TfLiteModelCreate(model, len(model))
        options = library.TfLiteInterpreterOptionsCreate()
        library.TfLiteInterpreterOptionsSetNumThreads(options, threads)
        self._interpreter = library.TfLiteInterpreterCreate(made, options) if made else None
        if not self._interpreter:
            raise ValueError("this is not a TensorFlow Lite network")

    def __call__(self, *inputs: NDArray[Any], output: int = 0) -> FloatArray:
        """Computes one of its outputs from all of its inputs, in the network's order.

        Raises:
            ValueError: it does not take inputs of these shapes.
        """
        library = _library()
        for number, given in enumerate(inputs):
            shape = (_INT * given.ndim)(*given.shape)
            self._check(library.TfLiteInterpreterResizeInputTensor(self._interpreter, number, shape, given.ndim))
        self._check(library.TfLiteInterpreterAllocateTensors(self._interpreter))
        for number, given in enumerate(inputs):
            tensor = library.TfLiteInterpreterGetInputTensor(self._interpreter, number)
            if library.TfLiteTensorByteSize(tensor) != given.nbytes:
                raise ValueError("the network takes inputs of another type")
            ctypes.memmove(library.TfLiteTensorData(tensor), np.ascontiguousarray(given).ctypes.data, given.nbytes)
        self._check(library.TfLiteInterpreterInvoke(self._interpreter))
        tensor = library.TfLiteInterpreterGetOutputTensor(self._interpreter, output)
        found: FloatArray = np.empty(tuple(_dimensions(library, tensor)), np.float32)
        if library.TfLiteTensorByteSize(tensor) != found.nbytes:
            raise ValueError("the network gives outputs of another type")
        ctypes.memmove(found.ctypes.data, library.TfLiteTensorData(tensor), found.nbytes)
        return found

    def _check(self, status: int) -> None:
        if status:
            raise ValueError(f"the network cannot be computed (status {status})")


def _dimensions(library: Any, tensor: Any) -> Sequence[int]:
    return [library.TfLiteTensorDim(tensor, number) for number in range(library.TfLiteTensorNumDims(tensor))]
