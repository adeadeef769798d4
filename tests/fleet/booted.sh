#!/bin/sh
# In namespaces of its own: systemd as PID 1, which knows no unit of this machine but what is written here.
set -e
mount --make-rprivate /
mount -t proc proc /proc
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /etc/systemd/system
umount -l /sys/fs/cgroup 2>/dev/null || true
mount -t cgroup2 cgroup2 /sys/fs/cgroup
for name in sysinit basic multi-user shutdown network-online; do
    printf '[Unit]\nDescription=%s\nDefaultDependencies=no\n' "$name" > "/etc/systemd/system/$name.target"
done
mkdir -p /run/systemd/system
export container=halo SYSTEMD_UNIT_PATH=/etc/systemd/system
exec "$1" --system --unit=multi-user.target --log-target=null --show-status=0
