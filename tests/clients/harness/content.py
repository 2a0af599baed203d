"""What a volume holds."""

import os
import random

BLOCK = 64 * 1024
GIB = 1024**3


def scribble(path, seed):
    """Writes a pattern that depends on `seed` to the beginning, the middle and the very end of a file."""
    noise = random.Random(seed)
    with path.open("r+b") as file:
        size = file.seek(0, os.SEEK_END)
        for offset in (0, 12_345, size // 2 - 1_000, size - 100_000):
            file.seek(offset)
            file.write(noise.randbytes(100_000))


def content(path):
    """The size of a file and all its blocks that are not zero: equal for equal bytes, holes or not."""
    blocks = {}
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        offset = 0
        while (offset := _next_data(file, offset, size)) < size:
            offset -= offset % BLOCK
            file.seek(offset)
            block = file.read(BLOCK)
            if block.strip(b"\0"):
                blocks[offset] = block
            offset += BLOCK
    return size, blocks


def _next_data(file, offset, size):
    if offset >= size:
        return size
    try:
        return os.lseek(file.fileno(), offset, os.SEEK_DATA)
    except OSError:
        # Nothing but a hole up to the end.
        return size
