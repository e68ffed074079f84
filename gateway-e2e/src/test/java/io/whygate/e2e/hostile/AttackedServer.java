package io.whygate.e2e.hostile;

import io.whygate.e2e.lab.Folder;
import io.whygate.e2e.lab.Nginx;
import io.whygate.e2e.lab.Place;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;

/// The server behind an attacked gateway: it answers shortly (`/ok`), with 4 MiB (`/large`), after
/// all of a body (`/post`), or never (`/wait`).
final class AttackedServer implements AutoCloseable {
  private final Folder folder = Folder.create("attacked");
  private final ServerSocket silent;
  private final Nginx server;

  AttackedServer() throws IOException {
    silent = new ServerSocket(0, 4096, InetAddress.ofLiteral("127.0.0.1"));
    folder.write("large", "x".repeat(4 << 20));
    int port = Place.HERE.freePort();
    server =
        Nginx.with(
            Place.HERE,
            port,
            """
            listen 127.0.0.1:%1$d;
            keepalive_requests 1000000;
            root %2$s;
            location /ok { return 200 ok; }
            location /large { }
            location /post { proxy_pass http://127.0.0.1:%1$d/ok; }
            location /wait { proxy_pass http://127.0.0.1:%3$d; }
            """
                .formatted(port, folder.path(), silent.getLocalPort()));
  }

  URI uri() {
    return server.uri();
  }

  @Override
  public void close() throws IOException {
    server.close();
    silent.close();
    folder.close();
  }
}
