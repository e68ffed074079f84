package io.whygate.e2e.hostile;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/// What a payload led to at a proxy.
///
/// @param statuses of the final answers, in order
/// @param ended whether the proxy ended the connection
/// @param arrivals at the server
record Exchange(List<String> statuses, boolean ended, List<StrictServer.Arrival> arrivals) {
  private static final int PATIENCE_MILLIS = 10_000;
  private static final Pattern STATUS = Pattern.compile("HTTP/1\\.[01] ([2-5][0-9][0-9])[ \r]");

  /// The request behind the payload.
  static final String LAST = "GET /last HTTP/1.1\r\nHost: site\r\nConnection: close\r\n\r\n";

  /// Sends the bytes to a proxy and reads to the end.
  static Exchange of(URI proxy, StrictServer server, Payload payload) throws IOException {
    server.takeArrivals();
    ByteArrayOutputStream answers = new ByteArrayOutputStream();
    boolean ended = true;
    try (Socket socket = new Socket(proxy.getHost(), proxy.getPort())) {
      socket.setSoTimeout(PATIENCE_MILLIS);
      try {
        socket.getOutputStream().write(payload.raw());
        if (!payload.has("alone")) {
          socket.getOutputStream().write(LAST.getBytes(ISO_8859_1));
        }
      } catch (SocketException e) {
        // Refused before all of it was sent.
      }
      InputStream in = socket.getInputStream();
      for (int next = in.read(); next >= 0; next = in.read()) {
        answers.write(next);
      }
    } catch (SocketTimeoutException e) {
      ended = false;
    } catch (SocketException e) {
      // A reset: an end as well.
    }
    List<String> statuses =
        STATUS
            .matcher(answers.toString(ISO_8859_1))
            .results()
            .map((MatchResult each) -> each.group(1))
            .toList();
    return new Exchange(statuses, ended, server.takeArrivals());
  }

  /// Whether a request reached the server that the client did not send, or one that could be read
  /// in two ways.
  boolean isDangerous() {
    return arrivals.stream()
        .anyMatch(each -> !each.doubt().isEmpty() || each.target().equals("/smuggled"));
  }

  /// In a few words.
  @Override
  public String toString() {
    String what = statuses.isEmpty() ? "closes" : String.join(" ", statuses);
    return (ended ? what : what + ", waits") + (isDangerous() ? " (!)" : "");
  }
}
