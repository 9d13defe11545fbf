# shellcheck shell=bash
# Finds what an environment is made with: pip, uv and a fitting Python. Sourced by script/setup.

# Prints the interpreter behind command $1 if Home Assistant runs on it (free-threaded builds lack wheels).
fitting() {
  "$1" -I -c '
import sys, sysconfig
if not (3, 14, 2) <= sys.version_info[:3] < (3, 15) or sysconfig.get_config_var("Py_GIL_DISABLED"):
    sys.exit(1)
print(sys.executable)' 2>/dev/null
}

# Sets $pip to a command that is pip, or leaves it empty.
find_pip() {
  local candidate
  for candidate in "${PYTHON:-python}" python3 python3.14 /usr/bin/python3; do
    if "$candidate" -m pip --version >/dev/null 2>&1; then
      pip=("$candidate" -m pip)
      return 0
    fi
  done
  ! own_python >/dev/null || pip=(own_pip)
}

# The pip that comes with the private Python: a wheel, which is run as it is.
own_pip() {
  "$tools/python/usr/bin/python3.14" "$(echo "$tools"/python/usr/share/python-wheels/pip-*.whl)/pip" "$@"
}

# Puts program $1 from the package of the same name into $tools/$1/bin.
fetch_tool() {
  local folder=$tools/$1
  [[ ! -x $folder/bin/$1 ]] || return 0
  say "fetching $1"
  rm -rf "$folder" "$folder.new"
  quietly "${pip[@]}" install --quiet --only-binary :all: --target "$folder.new" "$1" && mv "$folder.new" "$folder"
}

# Sets $uv. A machine with neither uv nor pip takes pip from the private Python.
find_uv() {
  uv=uv
  ! uv --version >/dev/null 2>&1 || return 0
  uv=$tools/uv/bin/uv
  ((${#pip[@]})) || make_debian_python || fail "neither uv nor pip is here and neither could be fetched (install uv): $(cause)"
  fetch_tool uv || fail "cannot fetch uv: $(cause)"
}

# Prints pip's setting $1: as in pip, an environment variable comes before a configuration file.
pip_setting() {
  local section line words
  for section in :env: install global; do
    line=$(grep -F "$section.$1=" <<<"$pip_settings") || continue
    line=${line#*=\'}
    line=${line%\'}
    read -ra words <<<"${line//\\n/ }" # several values stand on lines of their own
    echo "${words[*]}"
    return 0
  done
}

# Exports variable $1 as $2, unless it is set already or there is nothing to set.
offer() {
  [[ -n ${!1:-} || -z $2 ]] || export "$1=$2"
}

# uv reads neither pip's configuration nor the system's certificates: hand them on, so that packages come
# from where this machine gets them.
hand_pip_settings_to_uv() {
  [[ ! -s /etc/ssl/certs/ca-certificates.crt ]] || offer UV_SYSTEM_CERTS true
  ((${#pip[@]})) || return 0
  pip_settings=$("${pip[@]}" config list 2>/dev/null) || return 0
  offer SSL_CERT_FILE "$(pip_setting cert)"
  offer UV_INSECURE_HOST "$(pip_setting trusted-host)"
  offer UV_FIND_LINKS "$(pip_setting find-links | tr ' ' ',')"
  offer UV_DEFAULT_INDEX "${UV_INDEX_URL:-$(pip_setting index-url)}"
  offer UV_INDEX "${UV_EXTRA_INDEX_URL:-$(pip_setting extra-index-url)}"
  offer UV_INDEX_STRATEGY unsafe-best-match # as pip: the best version of all indexes
}

# Prints the private Python if it stands where it was made: it names its libraries by absolute path.
own_python() {
  [[ -e $tools/python/.complete && $(<"$tools/python/.complete") == "$tools" ]] &&
    fitting "$tools/python/usr/bin/python3.14"
}

# Prints a Python that uv has, in uv's own place or (argument) in another.
python_of_uv() {
  local found
  found=$(UV_PYTHON_INSTALL_DIR=${1:-${UV_PYTHON_INSTALL_DIR:-}} \
    "$uv" python find --offline --managed-python '>=3.14.2,<3.15' 2>/dev/null) && fitting "$found"
}

# Prints a fitting Python that is on this machine already.
python_at_hand() {
  local candidate
  for candidate in ${PYTHON:+"$PYTHON"} python3.14 python3 "${PYENV_ROOT:-${HOME:-}/.pyenv}"/versions/3.14*/bin/python; do
    ! fitting "$candidate" || return 0
  done
  python_of_uv || python_of_uv "$tools/uv-python" || own_python
}

# Sets $python, and fetches one where there is none.
find_python() {
  [[ -z ${PYTHON:-} ]] || fitting "$PYTHON" >/dev/null || say "\$PYTHON is no Python 3.14.2 or newer; looking for another"
  ! python=$(python_at_hand) || return 0
  say "no Python 3.14 here; fetching one"
  UV_PYTHON_INSTALL_DIR=$tools/uv-python UV_HTTP_RETRIES=0 UV_HTTP_CONNECT_TIMEOUT=5 \
    quietly "$uv" python install --quiet --no-bin 3.14 || make_debian_python || true
  python=$(python_at_hand) || fail "no Python 3.14.2 or newer here, and none could be fetched: $(cause)"
}
