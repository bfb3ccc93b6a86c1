#!/usr/bin/env bash
# build_root.sh FOLDER REQUIREMENT...: a Debian with libcamera, picamera2 and the requirements.
#
# Debian 13 (trixie) is the first whose libcamera has a virtual camera. The environment /venv sees
# the system's libcamera, as one made on a Raspberry Pi does.
set -euo pipefail

PICAMERA2=0.3.38
PACKAGES=ca-certificates,gcc,libc6-dev,python3-dev,python3-venv
PACKAGES+=,python3-libcamera,python3-prctl,python3-pytest
root=$1
shift

rm -rf "$root"
if ! command -v mmdebstrap >/dev/null; then
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends mmdebstrap debian-archive-keyring
fi
mmdebstrap --quiet --variant=apt --include="$PACKAGES" trixie "$root"

# The new system asks the servers and trusts the authorities that this machine does.
cp -L /etc/resolv.conf "$root/etc/resolv.conf"
cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
chroot "$root" python3 -m venv --system-site-packages /venv
chroot "$root" env -i HOME=/tmp PATH=/venv/bin:/usr/bin:/bin \
    pip install -q --no-cache-dir "picamera2==$PICAMERA2" "$@"

touch "$root/dev/udmabuf" # opened by libcamera; dma_buffers.c answers for it
mkdir "$root/project"
