package io.whygate.e2e.matrix;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/// A client that keeps its connection from one request to the next, as browsers do, so that an
/// answer's time is not the time of a new connection.
final class Visitor implements AutoCloseable {
  /// Answered by the gateway itself: no server hears of it.
  private static final String OWN = "/.well-known/whygate/incidents/none";

  private final URI at;
  private @Nullable Socket kept;

  Visitor(URI at) {
    this.at = at;
  }

  Answer ask(String method, String path, String body, String... fields) throws IOException {
    Socket socket = connection();
    return send(socket, method, path, body, fields);
  }

  private Answer send(Socket socket, String method, String path, String body, String... fields)
      throws IOException {
    Answer answer = Client.ask(socket, Client.request(at, method, path, body, "", fields), method);
    if (!answer.whole() || answer.field("connection").orElse("").contains("close")) {
      close();
    }
    return answer;
  }

  /// A connection that has carried a request before.
  private Socket connection() throws IOException {
    Socket open = kept;
    if (open != null && !hasEnded(open)) {
      return open;
    }
    close();
    open = Client.connect(at);
    kept = open;
    send(open, "GET", OWN, "");
    return open;
  }

  private static boolean hasEnded(Socket socket) throws IOException {
    int patience = socket.getSoTimeout();
    socket.setSoTimeout(1);
    try {
      return socket.getInputStream().read() < 0;
    } catch (SocketTimeoutException _) {
      return false;
    } finally {
      socket.setSoTimeout(patience);
    }
  }

  @Override
  public void close() throws IOException {
    if (kept != null) {
      kept.close();
      kept = null;
    }
  }
}
