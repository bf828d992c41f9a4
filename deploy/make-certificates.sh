#!/bin/sh
# A private authority for NATS servers and one certificate for all of them:
#     ./make-certificates.sh NAME-OR-ADDRESS ...
# makes certificates/ca.pem (posewire --nats-ca), broker.pem and broker-key.pem (for the servers), and ca-key.pem, which
# signs: whoever has that can pose as a server, and no server needs it. Once more with other names: the authority stays.
set -eu
umask 077
test $# -gt 0 || { echo "usage: $0 NAME-OR-ADDRESS ..., as clients call the servers" >&2; exit 2; }
names=
for name; do
    case $name in
        *:*) kind=IP ;;
        *[!0-9.]*) kind=DNS ;;
        *) kind=IP ;;
    esac
    names="$names${names:+,}$kind:$name"
done

mkdir -p certificates
cd certificates
new_key="openssl ecparam -name prime256v1 -genkey -noout -out"
if ! test -f ca.pem; then
    $new_key ca-key.pem
    openssl req -x509 -new -key ca-key.pem -sha256 -days 3650 -subj "/CN=Posewire NATS authority" \
        -addext "keyUsage=critical,keyCertSign,cRLSign" -out ca.pem
fi
$new_key broker-key.pem
openssl req -new -key broker-key.pem -sha256 -subj "/CN=Posewire NATS" -out broker.csr
cat >broker.ext <<EXTENSIONS
basicConstraints=critical,CA:FALSE
keyUsage=critical,digitalSignature
extendedKeyUsage=serverAuth,clientAuth
subjectKeyIdentifier=hash
authorityKeyIdentifier=keyid
subjectAltName=$names
EXTENSIONS
openssl x509 -req -in broker.csr -CA ca.pem -CAkey ca-key.pem -CAcreateserial -sha256 -days 825 \
    -extfile broker.ext -out broker.pem
rm broker.csr broker.ext
chmod 644 ca.pem broker.pem
