package io.whygate.e2e.hostile;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;

/// A bystander that speaks HTTP/1.1.
final class Http1Bystander implements Bystander {
  private static final String ANSWER = "\r\n\r\nok";
  private static final int PATIENCE_MILLIS = 20_000;

  private final Socket socket;
  private final InputStream in;

  Http1Bystander(URI gateway) throws IOException {
    socket = new Socket(gateway.getHost(), gateway.getPort());
    socket.setSoTimeout(PATIENCE_MILLIS);
    socket.setTcpNoDelay(true);
    in = new BufferedInputStream(socket.getInputStream());
  }

  @Override
  public void ask() throws IOException {
    socket
        .getOutputStream()
        .write("GET /ok HTTP/1.1\r\nHost: bystander\r\n\r\n".getBytes(ISO_8859_1));
    StringBuilder answer = new StringBuilder();
    while (!answer.toString().endsWith(ANSWER)) {
      int next = in.read();
      if (next < 0) {
        throw new IOException("the bystander's connection ended: " + answer);
      }
      answer.append((char) next);
    }
    if (!answer.toString().startsWith("HTTP/1.1 200 ")) {
      throw new IOException("the bystander got: " + answer);
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
