"""peer.py: greenlet, which copies a stack's slice to the heap and back: switch-raw, spawn and park as in contig_bench.

Called from Python, so that most of the time is the interpreter's; its own frames lie on the heap already.
"""
import sys
import time

from greenlet import getcurrent, greenlet


def resident_bytes() -> float:
    with open("/proc/self/status", encoding="ascii") as status:
        return 1024 * next(float(line.split()[1]) for line in status if line.startswith("VmRSS:"))


def bounce() -> None:
    back = getcurrent().parent.switch
    while True:
        back()


def measure_switch(count: int) -> None:
    switch = greenlet(bounce).switch
    begin = time.process_time_ns()
    for _ in range(count // 2):
        switch()
    print("ns", (time.process_time_ns() - begin) / count)


def measure_spawn(count: int) -> None:
    begin = time.process_time_ns()
    for _ in range(count):
        greenlet(int).switch()
    print("ns", (time.process_time_ns() - begin) / count)


def measure_park(count: int) -> None:
    parked: list[greenlet] = []
    resident, begin = resident_bytes(), time.process_time_ns()
    for _ in range(count):
        one = greenlet(bounce)
        one.switch()
        parked.append(one)
    print("ns", (time.process_time_ns() - begin) / count)
    print("bytes", (resident_bytes() - resident) / count)


NUMBERS = [int(word) for word in sys.argv[2:]]
if sys.argv[1] == "switch-raw":
    measure_switch(NUMBERS[0])
elif sys.argv[1] == "spawn":
    measure_spawn(NUMBERS[0] * NUMBERS[1])
else:
    measure_park(NUMBERS[0])
