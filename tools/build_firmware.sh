#!/usr/bin/env bash
# Builds the firmware for the Raspberry Pi Pico: MicroPython with our modules frozen in, as one UF2 file.
#   tools/build_firmware.sh [OUT.uf2 [CHIP]]   (default: build/centesimo-rp2040.uf2 rp2040; or rp2350, for the Pico 2)
# Everything comes from Debian: the compiler is installed, the sources of MicroPython, of the Pico's SDK and of TinyUSB are
# fetched in the versions below and checked. Nothing is done when neither they nor our modules have changed.
# docs/firmware-build.md says more. Exit codes: 0 built or up to date, 1 failed, 2 no such chip, 3 the toolchain or the
# sources are missing.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
out=$(realpath -m "${1:-build/centesimo-rp2040.uf2}")
chip=${2:-rp2040}
work=$root/build/micropython
packages="gcc-arm-none-eabi libnewlib-arm-none-eabi libstdc++-arm-none-eabi-newlib cmake make gcc g++ dpkg-dev xz-utils python3"

# SHA-256, file; the versions are Debian 13's.
sources="7b25be99a502f070b2de81dafc08da7051d992325d6e67daa9045a918fffdbea  micropython_1.25.0+ds.orig.tar.xz
507a3ca37636641bc90239d7c04dc9dc28c5008087a8162102ea94d2273153d3  pico-sdk-source_2.1.1-1_all.deb
01ce2c645df68f14a8a7dcfc8fb355713152543757955820479a87949a61154e  tinyusb-source_0.18.0+dfsg-1_all.deb"

refuse() {
    echo "error: $2" >&2
    exit "$1"
}

# The board's folder in firmware/frozen, and the family that its boot loader looks for in a UF2.
case $chip in
    rp2040) board=pico family=RP2040 ;;
    rp2350) board=pico2 family=0xe48bff59 ;; # RP2350, ARM, secure
    *) refuse 2 "expected the chip rp2040 or rp2350, got $chip" ;;
esac

# One line that changes when the recipe, a frozen module or the board's configuration does.
fingerprint() {
    find tools/build_firmware.sh firmware protocol -type f \( -name '*.py' -o -name '*.sh' -o -name '*.h' -o -name '*.cmake' \) \
        -print0 | sort -z | xargs -0 sha256sum | sha256sum | cut -d' ' -f1
}

need_toolchain() {
    local name missing=""
    for name in arm-none-eabi-gcc arm-none-eabi-g++ cmake make gcc g++ dpkg-deb xz python3; do
        command -v "$name" > /dev/null || missing="$missing $name"
    done
    # These two packages have no command; the compiler answers a bare name when it does not find the file.
    if [ -z "$missing" ]; then
        for name in libc.a libstdc++.a; do
            [ "$(arm-none-eabi-gcc -print-file-name=$name)" != $name ] || missing="$missing $name"
        done
    fi
    [ -z "$missing" ] || refuse 3 "the firmware's toolchain is not complete, missing:$missing; install: sudo apt-get install $packages"
}

sources_check() {
    (cd "$work/sources" && sha256sum --check --status <<< "$sources" 2> /dev/null)
}

# Fetches from the mirror that this machine's apt uses already, at Debian 13, in an apt state of its own.
fetch_sources() {
    local mirror key apt
    mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 2> /dev/null | grep -m1 '/debian/\?$') ||
        refuse 3 "expected a mirror of Debian in apt's sources, found none; put these files into $work/sources:
$sources"
    mkdir -p "$work/apt/lists/partial" "$work/apt/cache/archives/partial"
    key='[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]'
    printf 'deb %s %s trixie main\ndeb-src %s %s trixie main\n' "$key" "$mirror" "$key" "$mirror" > "$work/apt/sources.list"
    apt=(-q -o Dir::Etc::SourceList="$work/apt/sources.list" -o Dir::Etc::SourceParts=/nonexistent
        -o Dir::State::Lists="$work/apt/lists" -o Dir::Cache="$work/apt/cache")
    # As root, apt would fetch as a user who may not write here.
    [ "$(id -u)" != 0 ] || apt+=(-o APT::Sandbox::User=root)
    (
        cd "$work/sources"
        apt-get "${apt[@]}" update
        apt-get "${apt[@]}" source --download-only micropython=1.25.0+ds-1
        apt-get "${apt[@]}" download pico-sdk-source=2.1.1-1 tinyusb-source=0.18.0+dfsg-1
    ) > "$work/fetch.log" 2>&1 || {
        tail -5 "$work/fetch.log" >&2
        refuse 3 "the sources could not be fetched; the whole answer is in $work/fetch.log"
    }
    sources_check || refuse 1 "expected sources with the checks in tools/build_firmware.sh, got others in $work/sources"
}

unpack_sources() {
    local deb
    rm -rf "$work/tree" "$work/root" "$work/micropython-1.25.0"
    for deb in pico-sdk-source tinyusb-source; do
        dpkg-deb -x "$work/sources/$deb"_*.deb "$work/root"
    done
    tar -C "$work" -xf "$work/sources/micropython_1.25.0+ds.orig.tar.xz"
    mv "$work/micropython-1.25.0" "$work/tree"
    cd "$work/tree"
    rm -rf lib/pico-sdk lib/tinyusb
    cp -rL ../root/usr/src/pico-sdk lib/pico-sdk
    cp -rL ../root/usr/src/tinyusb lib/tinyusb
    # The build only asks whether this file is there; our manifest requires nothing of that library.
    touch lib/micropython-lib/README.md
    # Debian's source leaves mbedtls out: TLS and what else needs it is switched off.
    sed -i -e 's/^set(MICROPY_SSL_MBEDTLS ON)/set(MICROPY_SSL_MBEDTLS OFF)/' \
        -e '/target_link_libraries(${MICROPY_TARGET} micropy_lib_mbedtls)/d' \
        -e '/mbedtls\/mbedtls_port.c/d' -e '/^list(APPEND GIT_SUBMODULES lib\/mbedtls)/d' ports/rp2/CMakeLists.txt
    sed -i -E 's/^(#define (MICROPY_SSL_MBEDTLS|MICROPY_PY_SSL|MICROPY_PY_HASHLIB_SHA1|MICROPY_PY_CRYPTOLIB) +).*/\1(0)/' \
        ports/rp2/mpconfigport.h
    # A write to a host that does not read takes what fits and returns; 500 ms of waiting would hold up the journal.
    sed -i -E 's/^(#define MICROPY_HW_USB_CDC_TX_TIMEOUT +).*/\1(0)/' ports/rp2/mphalport.h
    # With the bus suspended (the cable pulled from a board with a battery, a laptop asleep) and DTR still set, TinyUSB's
    # full FIFO takes nothing more and the loop that writes to it never ends, until the watchdog does: leave it. When the
    # bus goes on, nothing is on its way that would empty the FIFO by its end: begin. The first is changed upstream from
    # 1.27 on, which Debian does not have.
    sed -i -E -e 's/^( +)i \+= n2;$/\1if (n2 == 0) {\n\1    break;\n\1}\n&/' \
        -e 's/^( +)if \(n == 0\) \{$/&\n\1    tud_cdc_write_flush();/' shared/tinyusb/mp_usbd_cdc.c
    [ "$(grep -c -E '^ +if \(n2? == 0\) \{$' shared/tinyusb/mp_usbd_cdc.c)" = 2 ] ||
        refuse 1 "expected mp_usbd_cdc.c as of MicroPython 1.25, got another"
    cd "$root"
    echo "$recipe" > "$work/unpacked"
}

compile() {
    local port=$work/tree/ports/rp2 made=$work/tree/ports/rp2/build-$chip
    # The same inputs give the same file: no date of the day, no path of this machine, no commit of this folder.
    export SOURCE_DATE_EPOCH=1744675200 GIT_CEILING_DIRECTORIES=$work
    local flags="-ffile-prefix-map=$root=."
    # Joined with &&: the shell does not stop at a failure inside a function whose result is looked at.
    make -s -C "$work/tree/mpy-cross" -j"$(nproc)" &&
    CFLAGS=$flags CXXFLAGS=$flags ASMFLAGS=$flags cmake -S "$port" -B "$made" -DPICO_BUILD_DOCS=0 -DPICO_NO_PICOTOOL=1 \
        -DMICROPY_BOARD=CENTESIMO -DMICROPY_BOARD_DIR="$root/firmware/frozen/$board" \
        -DMICROPY_FROZEN_MANIFEST="$root/firmware/frozen/manifest.py" &&
    make -C "$made" -j"$(nproc)" &&
    python3 "$work/tree/tools/uf2conv.py" -b 0x10000000 -f $family -c -o "$out" "$made/firmware.bin"
}

# Several tests may ask at once.
mkdir -p "$(dirname "$out")" "$work"
exec 9> "$work/lock"
flock 9
key=$(fingerprint)
recipe=$(sha256sum < tools/build_firmware.sh) # it changes the sources as it unpacks them
if [ -e "$out" ] && [ "$(cat "$out.key" 2> /dev/null)" = "$key" ]; then
    echo "up to date: $out"
    exit 0
fi
need_toolchain
mkdir -p "$work/sources"
if ! sources_check; then
    echo "fetching the sources of MicroPython 1.25.0 ..."
    rm -f "$work/unpacked"
    fetch_sources
fi
if [ "$(cat "$work/unpacked" 2> /dev/null)" != "$recipe" ]; then
    unpack_sources
fi
echo "building the firmware for the $chip (about a minute the first time) ..."
rm -f "$out.key"
compile > "$work/build.log" 2>&1 || {
    grep -m5 -E 'error|Error' "$work/build.log" >&2 || tail -5 "$work/build.log" >&2
    refuse 1 "the firmware could not be built; the whole answer is in $work/build.log"
}
echo "$key" > "$out.key"
echo "built: $out ($(stat -c %s "$out") bytes)"
