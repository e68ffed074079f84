package io.whygate.diagnostics.contact;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/// Asks registries by RDAP over HTTP (RFC 7480). Blocks.
final class RdapClient implements AutoCloseable {
  private static final int LARGEST = 1 << 20;

  private final HttpClient client;
  private final Duration timeout;

  RdapClient(Duration timeout) {
    this.timeout = timeout;
    this.client =
        HttpClient.newBuilder()
            .connectTimeout(timeout)
            .followRedirects(HttpClient.Redirect.NORMAL)
            .build();
  }

  /// The registry knows nothing of what it was asked about: status 404.
  static final class NotFoundException extends IOException {
    private static final long serialVersionUID = 1L;

    NotFoundException(URI uri) {
      super(uri + " answered 404");
    }
  }

  /// The text at an address.
  String get(URI uri, String accept) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(uri)
            .timeout(timeout)
            .header("Accept", accept)
            .header("User-Agent", "Whygate")
            .build();
    HttpResponse<InputStream> answer =
        client.send(request, HttpResponse.BodyHandlers.ofInputStream());
    try (InputStream body = answer.body()) {
      if (answer.statusCode() == 404) {
        throw new NotFoundException(uri);
      }
      if (answer.statusCode() != 200) {
        throw new IOException(uri + " answered " + answer.statusCode() + " (expected: 200)");
      }
      byte[] bytes = body.readNBytes(LARGEST + 1);
      if (bytes.length > LARGEST) {
        throw new IOException(uri + " answered with more than " + LARGEST + " bytes");
      }
      return new String(bytes, StandardCharsets.UTF_8);
    }
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
