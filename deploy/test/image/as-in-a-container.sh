#!/bin/sh
# Run by read-only.e2e.test.ts as root in namespaces of its own: as-in-a-container.sh ROOT PACKAGE COMMAND DATA.
# Makes ROOT a root that nobody can write, with the package, the system's programs, a volume and a small /tmp; runs "tocsin up" there as the image does.
set -eu
root=$1 package=$2 command=$3 data=$4
mount --make-rprivate /
mount -t tmpfs tmpfs "$root"
mkdir -p "$root/opt/tocsin" "$root/usr" "$root/etc" "$root/proc" "$root/dev" "$root/tmp" "$root/data"
: > "$root/opt/command"
for folder in usr etc; do mount --bind "/$folder" "$root/$folder"; mount -o remount,bind,ro "$root/$folder"; done
for folder in bin sbin lib lib64; do [ -e "/$folder" ] && ln -s "usr/$folder" "$root/$folder"; done
mount --bind "$package" "$root/opt/tocsin"; mount -o remount,bind,ro "$root/opt/tocsin"
mount --bind "$command" "$root/opt/command"
mount --bind "$data" "$root/data"
mount --rbind /dev "$root/dev"
mount -t proc proc "$root/proc"
mount -t tmpfs -o size=256m,mode=1777 tmpfs "$root/tmp"
mount -o remount,ro "$root"
ip link set lo up
exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin TOCSIN_DATA=/data TOCSIN_LOG_FORMAT=json MALLOC_ARENA_MAX=2 NODE_COMPILE_CACHE=/tmp/tocsin-compile \
  chroot "$root" setpriv --reuid 10001 --regid 10001 --clear-groups --bounding-set=-all --inh-caps=-all --no-new-privs sh -eu -c '
    cd /data
    sh /opt/command up > /data/log 2>&1 &
    tocsin=$!
    tries=0
    until sh /opt/command healthcheck 2> /data/health; do
      tries=$((tries + 1))
      [ "$tries" -lt 120 ] && kill -0 "$tocsin" || { cat /data/log /data/health; exit 1; }
      sleep 0.5
    done
    sh /opt/command healthcheck --ready && echo "ready"
    grep -E "^(Uid|CapEff|NoNewPrivs):" "/proc/$tocsin/status" | tr "\t" " "
    touch /written 2> /dev/null || echo "root: read-only"
    touch /opt/tocsin/written 2> /dev/null || echo "package: read-only"
    kill -TERM "$tocsin"
    code=0; wait "$tocsin" || code=$?
    echo "exit $code"
    sh /opt/command healthcheck 2> /dev/null || echo "healthcheck afterwards: $?"
  '
