#!/usr/bin/env python3
"""Verifies a Megalith bundle offline, from docs/log-format.md alone; exits 1 if it does not hold.

Usage: verify_bundle.py FILE [PUBLIC_KEY_HEX]
"""
import hashlib, json, sys, uuid

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P

def recover(encoded):
    """The point of 32 encoded bytes (RFC 8032, 5.1.3), in extended coordinates."""
    y = int.from_bytes(encoded, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if y >= P or (x * x - square) % P or (x == 0 and sign):
        raise ValueError("not a point of the curve")
    x = P - x if x & 1 != sign else x
    return (x, y, 1, x * y % P)

def add(a, b):
    e, f = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    c, d = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = f - e, d - c, d + c, f + e
    return (e * f % P, g * h % P, f * g % P, e * h % P)

def multiply(scalar, point):
    result = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            result = add(result, point)
        point, scalar = add(point, point), scalar >> 1
    return result

BASE = recover(bytes.fromhex("58" + "66" * 31))

def signature_holds(key, message, signature):
    point, s = recover(signature[:32]), int.from_bytes(signature[32:], "little")
    digest = hashlib.sha512(signature[:32] + key + message).digest()
    right = add(point, multiply(int.from_bytes(digest, "little") % L, recover(key)))
    left = multiply(s, BASE)
    return s < L and all((left[i] * right[2] - right[i] * left[2]) % P == 0 for i in (0, 1))

def head(major, n):
    """The first bytes of a CBOR item."""
    if n < 24:
        return bytes([major << 5 | n])
    size = 1 if n < 1 << 8 else 2 if n < 1 << 16 else 4 if n < 1 << 32 else 8
    return bytes([major << 5 | 23 + size.bit_length()]) + n.to_bytes(size, "big")

def data(major, content):
    return head(major, len(content)) + content

def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()

def root_of(leaf, at, size, path):
    last = size - 1
    for sibling in path:
        if at & 1 or at == last:
            leaf = sha(b"\1", sibling, leaf)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            leaf = sha(b"\1", leaf, sibling)
        at, last = at >> 1, last >> 1
    return leaf if last == 0 else None

def verify(b, expected_key):
    """What is wrong with a bundle; nothing if it holds."""
    if b["format"] != "megalith-bundle-1" or expected_key not in (None, b["key"]):
        return "another format or another key"
    root, (seconds, micros) = bytes.fromhex(b["root"]), divmod(b["sealed_at"], 1_000_000)
    instant = head(6, 1001) + head(5, 2) + head(0, 1) + head(0, seconds) + head(1, 5) + head(0, micros)
    log = head(6, 37) + data(2, uuid.UUID(b["org"]).bytes) + data(3, b["service"].encode())
    signed = head(4, 6) + data(3, b"megalith-head-v1") + log + head(0, b["size"]) + data(2, root) + instant
    if not signature_holds(bytes.fromhex(b["key"]), signed, bytes.fromhex(b["signature"])):
        return "the signature does not fit the head"
    for e in b["events"]:
        content, path = bytes.fromhex(e["bytes"]), [bytes.fromhex(h) for h in e["proof"]]
        leaf = sha(b"\0", sha(content), e["number"].encode())
        if not 1 <= e["position"] <= b["size"] or root_of(leaf, e["position"] - 1, b["size"], path) != root:
            return f"position {e['position']}: the proof does not lead to the signed root"
        # Every event starts: array of 13, format 1, event id (19 bytes), organisation, service.
        if content[:2] != head(4, 13) + head(0, 1) or not content[2 + 19:].startswith(log):
            return f"position {e['position']}: the event belongs to another log"
    return None

if __name__ == "__main__":
    try:
        bundle = json.load(open(sys.argv[1], encoding="utf-8"))
        wrong = verify(bundle, sys.argv[2] if len(sys.argv) > 2 else None)
    except Exception as error:  # whatever cannot be read does not hold
        wrong = repr(error)
    print(wrong or f"{len(bundle['events'])} events under a head of {bundle['size']} hold")
    sys.exit(1 if wrong else 0)
