#!/usr/bin/env bash
# make test-camera: the tests of this folder, with the real libcamera and the real picamera2.
#
# They run in a Debian of its own (build_root.sh), whose libcamera has a camera made of pictures.
# The first run builds it: about 4 minutes, 1.1 GB under $XDG_CACHE_HOME or /var/tmp. Needs root, to
# change the root folder and to mount; nothing outside the cache is changed, but a missing
# mmdebstrap is installed. Arguments go to pytest.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repository=$(cd "$here/../.." && pwd)

refuse() {
    echo "test-camera cannot run: $1" >&2
    exit 1
}
[ "$(uname -s)" = Linux ] || refuse "it needs Linux"
[ "$(id -u)" = 0 ] || refuse "it needs root (sudo make test-camera): it mounts and changes root"
command -v unshare >/dev/null || refuse "unshare is missing (package util-linux)"
unshare --mount true 2>/dev/null || refuse "this system lets nobody mount, not even root"

mapfile -t dependencies < <(python3 "$here/base_dependencies.py" "$repository/pyproject.toml")
[ "${#dependencies[@]}" -gt 0 ] || refuse "python3 must be 3.11 or newer"
cache=${XDG_CACHE_HOME:-/var/tmp}/edge-landmarks
key=$(echo "${dependencies[*]}" | cat - "$here/build_root.sh" | sha256sum | cut -c1-12)
root=$cache/camera-root-$key
mkdir -p "$cache"
exec 9>"$cache/lock" && flock 9 # two runs at a time build one root
if [ ! -d "$root" ]; then
    rm -rf "$cache"/camera-root-*
    "$here/build_root.sh" "$root.part" "${dependencies[@]}" >&2
    mv "$root.part" "$root"
fi
exec 9>&-

# The mounts belong to this one process and end with it.
export root repository
exec unshare --mount bash -euc '
    mount --make-rprivate /
    mount -t proc proc "$root/proc"
    mount --bind -o ro "$repository" "$root/project"
    mount -t tmpfs tmpfs "$root/tmp"
    mount -t tmpfs tmpfs "$root/run"
    install -D -m 644 "$repository/tests/picamera/virtual.yaml" \
        "$root/usr/share/libcamera/pipeline/virtual/virtual.yaml"
    chroot "$root" gcc -Wall -Werror -shared -fPIC -O1 -o /run/dma_buffers.so \
        /project/tests/picamera/dma_buffers.c
    exec chroot "$root" env -i -C /project HOME=/tmp PATH=/venv/bin:/usr/bin:/bin \
        LD_PRELOAD=/run/dma_buffers.so LIBCAMERA_LOG_LEVELS="*:ERROR" \
        PYTHONPATH=/project:/project/tests/picamera/stand_ins PYTHONDONTWRITEBYTECODE=1 \
        timeout 300 python -m pytest -p no:cacheprovider --confcutdir=tests/picamera \
        tests/picamera "$@"
' test-camera "$@"
