#!/bin/sh
# The first and only process of the guest: runs the steps, sends what they left through the second serial port, and
# turns the machine off.
export PATH=/bin HOME=/ LD_LIBRARY_PATH=/lib TERM=dumb
mkdir -p /proc /sys /dev /tmp /out
mount -t proc none /proc
mount -t sysfs none /sys
mount -t devtmpfs none /dev
mount -t debugfs none /sys/kernel/debug
mount -t tracefs none /sys/kernel/tracing
mount -t bpf none /sys/fs/bpf
mount -t tmpfs none /tmp
mount -t tmpfs none /out
stty -F /dev/ttyS1 raw

# step NAME COMMAND...: /out/NAME.{out,err,status}
step() {
  local name=$1
  shift
  echo "step $name at $(cut -d' ' -f1 /proc/uptime) s"
  timeout 100 "$@" >/out/$name.out 2>/out/$name.err
  echo $? >/out/$name.status
}

# run NAME: /configs/NAME.toml, its results in /out/NAME
run() {
  step "$1" ringbench run "/configs/$1.toml" --out "/out/$1"
}

. /steps

cp /proc/cmdline /out/cmdline
dmesg >/out/dmesg
echo "sending at $(cut -d' ' -f1 /proc/uptime) s"
tar -C /out -cz . >/dev/ttyS1
echo "done at $(cut -d' ' -f1 /proc/uptime) s"
poweroff -f
