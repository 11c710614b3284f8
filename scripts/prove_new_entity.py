#!/usr/bin/env python3
"""Adds an entity to a copy of the project - one file, two lines - and asserts that REST, OpenAPI,
search, rights, import, export, undo and the log have it.

Usage: python3 scripts/prove_new_entity.py        (needs what `cargo xtask run` needs)
"""
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
PASSWORD = "a long and quiet password"
ENTITY = '''//! Vehicles: what brings goods to customers and is the company's own.

use kernel::entity;

/// A vehicle of the company.
#[entity(service = "operations", prefix = "veh", title = name)]
#[states(Idle -> Driving via depart, Driving -> Idle via come_home)]
#[permit(Warehouse: read, create, update, depart, come_home)]
#[permit(Viewer: read)]
pub struct Vehicle {
    /// What people call it.
    pub name: Text<100>,
    /// Its number plate; no two vehicles share one.
    #[field(unique, searchable)]
    pub plate: Option<Text<20>>,
    /// What it can carry.
    pub payload: Option<Quantity>,
    /// Who usually drives it.
    #[field(personal)]
    pub driver: Option<Text<100>>,
}
'''


def add_entity(copy):
    """One file, a `mod` line and a registration line."""
    source = copy / "services/operations/src"
    (source / "vehicle.rs").write_text(ENTITY)
    lib = (source / "lib.rs").read_text()
    lib = lib.replace("pub mod unit;\n", "pub mod unit;\npub mod vehicle;\n", 1)
    lib = lib.replace(".entity::<Carrier>()\n", ".entity::<Carrier>()\n        .entity::<vehicle::Vehicle>()\n", 1)
    (source / "lib.rs").write_text(lib)


class Server:
    """The built server on a data folder of its own."""

    def __init__(self, binary, data):
        self.binary, self.data, self.token = binary, data, None
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.address = f"127.0.0.1:{free.getsockname()[1]}"
        env = {"MEGALITH_ADMIN_EMAIL": "ada@example.com", "MEGALITH_ADMIN_PASSWORD": PASSWORD, "MEGALITH_ORG": "acme"}
        command = [binary, "serve", "--data", data, "--listen", self.address]
        self.process = subprocess.Popen(command, env=os.environ | env, stderr=subprocess.DEVNULL)
        for _ in range(600):
            try:
                if self.ask("GET", "/readyz")[0] == 200:
                    return
            except OSError:
                time.sleep(0.05)
        raise SystemExit("the server does not answer")

    def ask(self, method, path, body=None, token=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"http://{self.address}{path}", data, method=method)
        request.add_header("content-type", "application/json")
        if token or self.token:
            request.add_header("authorization", f"Bearer {token or self.token}")
        try:
            with urllib.request.urlopen(request) as answer:
                text = answer.read()
                return answer.status, json.loads(text) if text[:1] in b"{[" and text else text
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read() or b"{}")

    def sign_in(self, email):
        status, answer = self.ask("POST", "/api/v1/auth/login", {"email": email, "password": PASSWORD, "org": "acme"})
        assert status == 200, answer
        return answer["access_token"]

    def run(self, *arguments, fine=(0,)):
        command = [self.binary, *arguments, "--data", self.data]
        env = os.environ | {"MEGALITH_PASSWORD": PASSWORD}
        done = subprocess.run(command, env=env, capture_output=True, text=True)
        assert done.returncode in fine, f"{command}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout


def prove(server, work):
    said = []

    def check(what, holds, found=None):
        assert holds, f"{what}: {found}"
        said.append(what)

    path = "/api/v1/operations/vehicles"
    server.token = server.sign_in("ada@example.com")
    status, van = server.ask("POST", path, {"name": "Blue van", "plate": "B-MG 1", "payload": "1200.5", "driver": "Ana"})
    check("REST creates it", status == 201 and van["id"].startswith("veh_") and van["state"] == "idle", van)
    status, driving = server.ask("POST", f"{path}/{van['id']}:depart", {})
    check("an act moves it along its states", status == 200 and driving["state"] == "driving", driving)
    status, problem = server.ask("POST", path, {"name": "Twin", "plate": "B-MG 1"})
    check("a taken plate is refused", status == 409 and problem["errors"][0]["pointer"] == "/plate", problem)
    status, listed = server.ask("GET", f"{path}?filter=payload%20%3E%201000&order_by=name&count=true")
    check("REST lists and filters it", status == 200 and listed["total_size"] == 1, listed)
    status, document = server.ask("GET", "/api/openapi.json")
    check("OpenAPI describes it", path in document["paths"] and "What people call it" in json.dumps(document))
    status, hits = server.ask("GET", "/api/v1/search?q=blue")
    check("search finds it", any(hit["id"] == van["id"] for hit in hits["items"]), hits)

    server.run("user", "create", "vic@example.com", "--org", "acme", "--roles", "viewer")
    viewer = server.sign_in("vic@example.com")
    check("a viewer reads it", server.ask("GET", f"{path}/{van['id']}", token=viewer)[0] == 200)
    status, problem = server.ask("POST", path, {"name": "Mine"}, token=viewer)
    check("a viewer cannot create it", status == 403 and "operations.vehicle:create" in problem["detail"], problem)

    table = work / "vehicles.csv"
    table.write_text("Code,Name,Plate,Payload\n1,Red lorry,B-MG 2,7500\n2,=Tricky,B-MG 3,\n")
    mapping = work / "vehicles.toml"
    mapping.write_text('name = "fleet"\n[[step]]\nfile = "vehicles.csv"\nentity = "operations.vehicle"\nkey = "Code"\n'
                       '[step.fields]\nname = "Name"\nplate = "Plate"\npayload = "Payload"\n')
    counts = json.loads(server.run("import", str(table), "--org", "acme", "--map", str(mapping), "--json"))
    check("import brings it in", counts["created"] == 2 and counts["refused"] == 0, counts)
    exported = server.run("export", "operations.vehicle", "--org", "acme", "--format", "csv")
    check("export writes it, formulas neutralised", "Red lorry" in exported and "'=Tricky" in exported, exported)
    server.run("undo", "--org", "acme", counts["change_set"])
    left = server.ask("GET", f"{path}?count=true")[1]["total_size"]
    check("undo takes the import out", left == 1, left)
    log = server.run("log", "--org", "acme", "--service", "operations")
    check("the log has its events", re.search(r"create operations\.vehicle", log), log)
    check("and not its driver's name", "Ana" not in log)
    server.process.terminate()
    server.process.wait(30)
    check("the log verifies", "as they were sealed" in server.run("verify"))
    return said


def main():
    with tempfile.TemporaryDirectory() as scratch:
        copy, work = pathlib.Path(scratch) / "copy", pathlib.Path(scratch)
        shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns("target", ".git", "megalith-data"))
        add_entity(copy)
        target = os.environ.get("CARGO_TARGET_DIR", str(work / "target"))
        subprocess.run(["cargo", "build", "--quiet", "-p", "server", "--bin", "megalith"], cwd=copy, check=True,
                       env=os.environ | {"CARGO_TARGET_DIR": target})
        server = Server(str(pathlib.Path(target) / "debug/megalith"), str(work / "data"))
        try:
            for line in prove(server, work):
                print(f"ok  {line}")
        finally:
            server.process.kill()
    print("one file and two lines made an entity of every surface")


if __name__ == "__main__":
    main()
