#!/bin/sh
# Prints how many compilers may run at once: one per core, but a file with LibTorch's headers takes 1.5 GB.
cores=$(nproc)
available_kib=$(awk '/^MemAvailable:/ {print $2}' /proc/meminfo)
limit=$(cat /sys/fs/cgroup/memory.max 2>/dev/null || echo max)
if [ "$limit" != max ] && [ "$((limit / 1024))" -lt "$available_kib" ]; then
    available_kib=$((limit / 1024))
fi
jobs=$((available_kib / 1500000))
[ "$jobs" -lt 1 ] && jobs=1
[ "$jobs" -gt "$cores" ] && jobs=$cores
echo "$jobs"
