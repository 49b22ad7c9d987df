#!/bin/sh
# Lets the runner sign in as an account, to rotate the other keys of its authorized_keys.
# usage: prepare-account.sh ACCOUNT PUBLIC-KEY-LINE RUNNER-ADDRESS
set -eu
account=${1:?account}
key=${2:?public key line}
address=${3:?address that the runner comes from}

case $account in *[!A-Za-z0-9_.-]*) echo "no account name: $account" >&2; exit 2 ;; esac
case $key in "ssh-ed25519 "* | "ssh-rsa "* | "ecdsa-sha2-"*) ;; *) echo "no public key: $key" >&2; exit 2 ;; esac
case $address in *[!0-9A-Fa-f.:/*,]*) echo "no address: $address" >&2; exit 2 ;; esac

home=$(eval echo "~$account")
file=$home/.ssh/authorized_keys
umask 077
mkdir -p "$home/.ssh"
[ -e "$file" ] || : >"$file"

blob=$(echo "$key" | cut -d' ' -f2)
if grep -qF "$blob" "$file"; then
  echo "the runner's key is in $file already" >&2
else
  # A last line without an end would swallow ours.
  [ -z "$(tail -c1 "$file")" ] || echo >>"$file"
  echo "restrict,from=\"$address\" $(echo "$key" | cut -d' ' -f1,2) cre-runner" >>"$file"
fi
if [ "$(id -u)" -eq 0 ]; then chown -R "$account" "$home/.ssh"; fi
chmod 700 "$home/.ssh"
chmod 600 "$file"

echo "Put one of these into the connection as hostKey:"
for public in /etc/ssh/ssh_host_*_key.pub; do ssh-keygen -lf "$public"; done
