package io.whygate.benchmarks;

import io.whygate.benchmarks.peer.Site;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Arrays;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/// Asks a peer for what a row's load asks for, and compares the answer byte by byte: what answers
/// fast and wrong is not compared.
final class Verification {
  private final HttpClient client;

  Verification() {
    try {
      SSLContext tls = SSLContext.getInstance("TLS");
      tls.init(null, new TrustManager[] {new Trusting()}, new SecureRandom());
      client = HttpClient.newBuilder().sslContext(tls).build();
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  /// @throws IOException where the answer is not what it has to be
  void check(Load load, Site site, Origin origin) throws IOException, InterruptedException {
    byte[] body = new byte[load.body()];
    Arrays.fill(body, (byte) 'x');
    String path = load.body() > 0 ? "/echo" : load.path().replace("N", "1");
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(load.url(site) + path))
            .timeout(Duration.ofSeconds(30))
            .version(load.isHttp2() ? HttpClient.Version.HTTP_2 : HttpClient.Version.HTTP_1_1);
    if (load.body() > 0) {
      request.POST(HttpRequest.BodyPublishers.ofByteArray(body));
    }
    HttpResponse<byte[]> response =
        client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    if (load.expected() >= 500) {
      // Which 5xx it is differs between them: HAProxy says 503.
      require(response.statusCode() >= 500, "status " + response.statusCode());
      return;
    }
    require(response.statusCode() == load.expected(), "status " + response.statusCode());
    byte[] expected =
        load.body() > 0 ? body : origin.file(path.substring(path.lastIndexOf('/') + 1));
    require(Arrays.equals(response.body(), expected), "other bytes than the origin's");
    require(
        !load.isHttp2() || response.version() == HttpClient.Version.HTTP_2,
        "answered by " + response.version());
  }

  private static void require(boolean holds, String found) throws IOException {
    if (!holds) {
      throw new IOException("check of an answer: " + found + " (expected: the origin's answer)");
    }
  }

  /// Trusts anybody: the certificate is one that this run has made.
  private static final class Trusting extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
