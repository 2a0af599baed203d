"""Writes to a volume in a known order, so that a snapshot shows which writes it has.

Usage: writer.py MODE PATH BLOCKS SEED ANNOUNCE

Write number i (1, 2, ...) fills one 4 KiB block with the number i. The blocks are visited in random
order, each once, one write after the other: a point in time has the writes 1..K and no others.

Prints "written" after ANNOUNCE writes and "finished" after BLOCKS, keeps the volume open, and ends
when its input does.
"""

import mmap
import os
import random
import struct
import sys
import threading

BLOCK = 4096


def buffered(path, blocks):
    file = os.open(path, os.O_WRONLY)
    return lambda offset, block: os.pwrite(file, block, offset)


def direct(path, blocks):
    file = os.open(path, os.O_WRONLY | os.O_DIRECT)
    aligned = mmap.mmap(-1, BLOCK)  # O_DIRECT wants memory at a page's start.

    def write(offset, block):
        aligned[:] = block
        os.pwrite(file, aligned, offset)

    return write


def mapped(path, blocks):
    file = os.open(path, os.O_RDWR)
    memory = mmap.mmap(file, blocks * BLOCK)

    def write(offset, block):
        memory[offset : offset + BLOCK] = block

    return write


def end_with_input():
    sys.stdin.buffer.read()
    os._exit(0)


def main():
    mode, path, blocks, seed, announce = sys.argv[1:]
    blocks, announce = int(blocks), int(announce)
    threading.Thread(target=end_with_input, daemon=True).start()
    order = list(range(blocks))
    random.Random(int(seed)).shuffle(order)
    write = {"buffered": buffered, "direct": direct, "mmap": mapped}[mode](path, blocks)
    for number, index in enumerate(order, start=1):
        write(index * BLOCK, struct.pack("<Q", number) * (BLOCK // 8))
        if number == announce:
            print("written", flush=True)
    print("finished", flush=True)
    threading.Event().wait()


main()
