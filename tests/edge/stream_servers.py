"""Cameras of the network, as far as a reader sees them: MJPEG over HTTP, and RTSP (RFC 2326)."""

from __future__ import annotations

import base64
import socket
import struct
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import StreamRequestHandler, ThreadingTCPServer

TS_PACKET = 188
LOGIN = "Basic " + base64.b64encode(b"user:secret").decode()


@contextmanager
def http_camera(jpegs, *, fps=25.0, login=False, film=None, ends_after=None):
    """Serve JPEGs again and again at ``/video.mjpg``, or a film; yield (port, who has asked)."""
    asked = []

    class Camera(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.headers.get("Authorization"))
            if login and asked[-1] != LOGIN:
                self.send_response(401)
                self.send_header("WWW-Authenticate", 'Basic realm="camera"')
                self.end_headers()
                return
            self.send_response(200)
            if film is not None:
                self.send_header("Content-Length", str(len(film)))
                self.end_headers()
                self.wfile.write(film)
                return
            self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
            self.end_headers()
            try:
                for index in range(ends_after or 10**9):
                    jpeg = jpegs[index % len(jpegs)]
                    head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n"
                    self.wfile.write(head.encode() + b"\r\n" + jpeg + b"\r\n")
                    time.sleep(1 / fps)
            except OSError:
                pass

        def log_message(self, *_):
            pass

    with _served(ThreadingHTTPServer, Camera) as port:
        yield port, asked


@contextmanager
def rtsp_camera(transport_stream, *, fps=25.0, n_frames=20):
    """Serve an MPEG transport stream by RTP inside RTSP, again and again, behind a login."""
    packets = len(transport_stream) // TS_PACKET // n_frames + 1

    class Camera(StreamRequestHandler):
        def handle(self):
            while line := self.rfile.readline():
                method = line.split()[0].decode()
                headers = {}
                while text := self.rfile.readline().decode().strip():
                    name, _, value = text.partition(":")
                    headers[name.lower()] = value.strip()
                self._answer(method, headers)
                if method == "PLAY":
                    return self._play()

        def _answer(self, method, headers):
            status, more, body = "200 OK", "", ""
            if method == "DESCRIBE" and headers.get("authorization") != LOGIN:
                status, more = "401 Unauthorized", 'WWW-Authenticate: Basic realm="camera"\r\n'
            elif method == "DESCRIBE":
                body = "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=camera\r\nt=0 0\r\n"
                body += "m=video 0 RTP/AVP 33\r\na=control:track\r\n"
                more = "Content-Type: application/sdp\r\n"
            elif method == "SETUP":
                more = "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\nSession: 1\r\n"
            more += f"Content-Length: {len(body)}\r\n"
            head = f"RTSP/1.0 {status}\r\nCSeq: {headers['cseq']}\r\n{more}\r\n"
            self.wfile.write(head.encode() + body.encode())

        def _play(self):
            began, sequence = time.monotonic(), 0
            try:
                while True:
                    for at in range(0, len(transport_stream), packets * TS_PACKET):
                        frame = transport_stream[at : at + packets * TS_PACKET]
                        for part in range(0, len(frame), 7 * TS_PACKET):
                            stamp = int((time.monotonic() - began) * 90_000) & 0xFFFFFFFF
                            rtp = struct.pack(">BBHII", 0x80, 33, sequence & 0xFFFF, stamp, 1)
                            rtp += frame[part : part + 7 * TS_PACKET]
                            self.wfile.write(b"$\0" + struct.pack(">H", len(rtp)) + rtp)
                            sequence += 1
                        time.sleep(1 / fps)
            except OSError:
                pass

    with _served(ThreadingTCPServer, Camera) as port:
        yield port


@contextmanager
def _served(server_class, handler):
    class Server(server_class):
        daemon_threads = True
        block_on_close = False

        def handle_error(self, *_):
            pass

    with Server(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


def free_port():
    """Return a port at which nobody listens."""
    with socket.socket() as end:
        end.bind(("127.0.0.1", 0))
        return end.getsockname()[1]
