package io.whygate.gateway.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/// A container's health check: asks a running gateway for `/healthz`, exits 0 where it is well and
/// 1 where not.
///
/// A program of its own, and a plain socket, since it runs every few seconds beside the gateway: it
/// loads a handful of classes.
public final class HealthCheck {
  private static final int TIMEOUT_MILLIS = 3_000;

  private HealthCheck() {}

  /// Asks `WHYGATE_HEALTH_URL`, or the admin interface's default address.
  public static void main(String[] arguments) {
    String url = System.getenv("WHYGATE_HEALTH_URL");
    System.exit(isHealthy(URI.create(url == null ? "http://127.0.0.1:9180/healthz" : url)) ? 0 : 1);
  }

  static boolean isHealthy(URI uri) {
    try (Socket socket = new Socket()) {
      int port = uri.getPort() < 0 ? 80 : uri.getPort();
      socket.connect(new InetSocketAddress(uri.getHost(), port), TIMEOUT_MILLIS);
      socket.setSoTimeout(TIMEOUT_MILLIS);
      String request =
          "GET "
              + uri.getRawPath()
              + " HTTP/1.1\r\nHost: "
              + uri.getRawAuthority()
              + "\r\nConnection: close\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      BufferedReader answer =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
      String status = answer.readLine();
      return status != null && status.startsWith("HTTP/1.1 200");
    } catch (IOException e) {
      return false;
    }
  }
}
