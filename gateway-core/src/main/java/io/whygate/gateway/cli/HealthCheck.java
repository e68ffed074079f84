package io.whygate.gateway.cli;

import io.whygate.gateway.trust.Trust;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.SSLSocket;

/// A container's health check: asks a running gateway for `/healthz`, exits 0 where it is well and
/// 1 where not.
///
/// A program of its own, and a plain socket, since it runs every few seconds beside the gateway: it
/// loads a handful of classes, and those of TLS only where the admin interface speaks it.
public final class HealthCheck {
  private static final int TIMEOUT_MILLIS = 3_000;
  private static final String USUAL = "127.0.0.1:9180/healthz";

  private HealthCheck() {}

  /// Asks `WHYGATE_HEALTH_URL`, or the admin interface's default address: in the clear, and by TLS
  /// where that is not understood (`admin.tls`).
  public static void main(String[] arguments) {
    String url = System.getenv("WHYGATE_HEALTH_URL");
    boolean healthy =
        url == null
            ? isHealthy(URI.create("http://" + USUAL)) || isHealthy(URI.create("https://" + USUAL))
            : isHealthy(URI.create(url));
    System.exit(healthy ? 0 : 1);
  }

  static boolean isHealthy(URI uri) {
    boolean secure = "https".equals(uri.getScheme());
    try (Socket socket = new Socket()) {
      int port = uri.getPort() < 0 ? (secure ? 443 : 80) : uri.getPort();
      socket.connect(new InetSocketAddress(uri.getHost(), port), TIMEOUT_MILLIS);
      socket.setSoTimeout(TIMEOUT_MILLIS);
      if (!secure) {
        return isHealthy(socket, uri);
      }
      try (SSLSocket secured = secured(socket, uri.getHost())) {
        secured.startHandshake();
        return isHealthy(secured, uri);
      }
    } catch (IOException e) {
      return false;
    }
  }

  /// TLS towards this machine's own gateway, whose certificate is made out to another name than
  /// that of the loopback address: nothing is kept secret, and nothing is believed but that it is
  /// well.
  private static SSLSocket secured(Socket socket, String host) throws IOException {
    return (SSLSocket)
        Trust.usual()
            .unverified()
            .getSocketFactory()
            .createSocket(socket, host, socket.getPort(), true);
  }

  private static boolean isHealthy(Socket socket, URI uri) throws IOException {
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
  }
}
