package io.whygate.e2e.lab;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import tech.kwik.core.QuicClientConnection;
import tech.kwik.core.QuicStream;
import tech.kwik.core.log.NullLogger;

/// Connections of Kwik, an implementation of QUIC in Java that shares no code with the gateway.
public final class KwikClient {
  static {
    // It asserts that no answer comes within a millisecond.
    KwikClient.class.getClassLoader().setPackageAssertionStatus("tech.kwik", false);
  }

  private KwikClient() {}

  /// Prepares a connection by a socket, which takes any certificate.
  public static QuicClientConnection.Builder by(TappedSocket socket, InetSocketAddress gateway) {
    return QuicClientConnection.newBuilder()
        .uri(URI.create("https://localhost:" + gateway.getPort()))
        .proxy(gateway.getHostString())
        .applicationProtocol("h3")
        .noServerCertificateCheck()
        .maxIdleTimeout(Duration.ofSeconds(30))
        .connectTimeout(Duration.ofSeconds(5))
        .logger(new NullLogger())
        .socketFactory(_ -> socket);
  }

  /// Asks for something, and waits for the answer.
  public static byte[] ask(QuicClientConnection connection, byte[] request) throws IOException {
    QuicStream stream = connection.createStream(true);
    try (OutputStream out = stream.getOutputStream()) {
      out.write(request);
    }
    return stream.getInputStream().readAllBytes();
  }
}
