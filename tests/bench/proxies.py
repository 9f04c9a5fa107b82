# SPDX-License-Identifier: MIT
"""How each proxy is configured: as well as we know how, with as many workers as ccrd has loops."""
import json
import os

from process import Program, free_port

NGINX = """
user root;
worker_processes {workers};
worker_rlimit_nofile {files};
daemon off;
pid {dir}/nginx.pid;
error_log stderr crit;
events {{ worker_connections {files}; multi_accept on; }}
http {{
  access_log off;
  tcp_nodelay on;
  keepalive_timeout 3600;
  keepalive_requests 100000000;
  client_max_body_size 64m;
  client_body_buffer_size 1m;
  client_body_temp_path {dir}/body;
  proxy_temp_path {dir}/proxy;
  fastcgi_temp_path {dir}/fastcgi;
  uwsgi_temp_path {dir}/uwsgi;
  scgi_temp_path {dir}/scgi;
  upstream mock {{
    server 127.0.0.1:{mock};
    keepalive 512;
    keepalive_requests 100000000;
    keepalive_timeout 3600;
  }}
  server {{
    listen 127.0.0.1:{port} backlog=4096 reuseport;
    location / {{
      proxy_pass http://mock;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_buffering off;
      proxy_read_timeout 3600;
      proxy_send_timeout 3600;
    }}
  }}
}}
"""

HAPROXY = """
global
  nbthread {workers}
  maxconn {connections}
defaults
  mode http
  timeout connect 5s
  timeout client 1h
  timeout server 1h
  option http-keep-alive
  option http-no-delay
  http-reuse always
frontend in
  bind 127.0.0.1:{port} backlog 4096
  maxconn {connections}
  default_backend mock
backend mock
  server mock 127.0.0.1:{mock} maxconn {connections}
"""


class Bench:
    """Where things are and how large this machine is."""

    def __init__(self, work_dir, build_dir, ccrd):
        self.dir = work_dir
        self.mock_binary = os.path.join(build_dir, "tests/mock/ccr-mock-provider")
        self.load_binary = os.path.join(build_dir, "tests/bench/ccr-bench")
        self.ccrd_binary = ccrd
        self.workers = min(4, os.cpu_count() or 1)
        self.files = 1024
        self.mock_port = 0

    def path(self, name):
        return os.path.join(self.dir, name)

    def write(self, name, content):
        with open(self.path(name), "wb") as f:
            f.write(content if isinstance(content, bytes) else content.encode())
        return self.path(name)


def start_mock(bench):
    bench.mock_port = free_port()
    command = [bench.mock_binary, "--port", str(bench.mock_port), "--record", "4"]
    return Program("mock", command, bench.mock_port, bench.path("mock.log")).wait_ready()


def start_nginx(bench):
    port = free_port()
    text = NGINX.format(workers=bench.workers, files=bench.files, dir=bench.dir, port=port, mock=bench.mock_port)
    config = bench.write("nginx.conf", text)
    return Program("nginx", ["nginx", "-p", bench.dir, "-c", config], port, bench.path("nginx.log")).wait_ready()


def start_haproxy(bench):
    port = free_port()
    text = HAPROXY.format(workers=bench.workers, connections=(bench.files - 200) // 2, port=port, mock=bench.mock_port)
    config = bench.write("haproxy.cfg", text)
    return Program("haproxy", ["haproxy", "-db", "-f", config], port, bench.path("haproxy.log")).wait_ready()


def ccrd_command(bench, models):
    """The command and the port it will listen on."""
    port = free_port()
    config = {
        "HOST": "127.0.0.1",
        "PORT": port,
        "LOG": False,
        "maxStreams": bench.files,
        "Providers": [{"name": "mock", "api_base_url": f"http://127.0.0.1:{bench.mock_port}/v1/chat/completions",
                       "api_key": "bench-key", "models": models}],
        "Router": {"default": f"mock,{models[0]}"},
    }
    path = bench.write("ccrd.json", json.dumps(config))
    return [bench.ccrd_binary, "--config", path, "--control", "none"], port


def start_ccrd(bench, models):
    command, port = ccrd_command(bench, models)
    return Program("ccrd", command, port, bench.path("ccrd.log")).wait_ready()
