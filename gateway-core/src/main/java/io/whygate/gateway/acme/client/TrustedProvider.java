package io.whygate.gateway.acme.client;

import io.whygate.gateway.trust.Trust;
import java.net.http.HttpClient;
import java.security.cert.X509Certificate;
import java.util.List;
import org.shredzone.acme4j.connector.NetworkSettings;
import org.shredzone.acme4j.provider.GenericAcmeProvider;

/// Connections to an authority, which trust the certificates that the configuration names.
final class TrustedProvider extends GenericAcmeProvider {
  private final List<X509Certificate> trusted;

  TrustedProvider(List<X509Certificate> trusted) {
    this.trusted = trusted;
  }

  @Override
  public HttpClient createHttpClient(NetworkSettings settings) {
    return HttpClient.newBuilder()
        .followRedirects(HttpClient.Redirect.NORMAL)
        .connectTimeout(settings.getTimeout())
        .sslContext(new Trust(trusted).context())
        .build();
  }
}
