package io.whygate.faults.tls;

import java.net.URI;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/// The certificates of one site: a root, an intermediate, a good leaf, a client's identity, and a
/// bad leaf for each [TlsFault.BadCertificate], made when first asked for. Thread-safe.
public final class Pki {
  private static final Duration TWO_DAYS = Duration.ofDays(2);

  private final List<String> names;
  private final KeyKind keyKind;
  private final @Nullable URI issuerAddress;
  private final KeyedCertificate root;
  private final KeyedCertificate intermediate;
  private final KeyedCertificate server;
  private final KeyedCertificate clientAuthority;
  private final Map<TlsFault.BadCertificate, KeyedCertificate> bad = new ConcurrentHashMap<>();

  private Pki(List<String> names, KeyKind keyKind, @Nullable URI issuerAddress) {
    this.names = List.copyOf(names);
    this.keyKind = keyKind;
    this.issuerAddress = issuerAddress;
    root = Certificates.authority("Whygate Faults Root").key(keyKind).selfSigned();
    intermediate = Certificates.authority("Whygate Faults Issuer").key(keyKind).issuedBy(root);
    server = leaf().issuedBy(intermediate);
    clientAuthority = Certificates.authority("Whygate Faults Clients").key(keyKind).selfSigned();
  }

  /// The certificates of a site with these names and addresses, with P-256 keys.
  public static Pki of(String... namesAndAddresses) {
    return new Pki(List.of(namesAndAddresses), KeyKind.EC_P256, null);
  }

  /// The same with another kind of key.
  public static Pki of(KeyKind keyKind, String... namesAndAddresses) {
    return new Pki(List.of(namesAndAddresses), keyKind, null);
  }

  /// New certificates of the same site, whose leaves say that the intermediate is to be had at this
  /// address; serve [#intermediate()]'s DER form there.
  public Pki withIssuerAt(URI address) {
    return new Pki(names, keyKind, address);
  }

  /// The root that clients of the site trust.
  public X509Certificate root() {
    return root.certificate();
  }

  public KeyedCertificate intermediate() {
    return intermediate;
  }

  /// The good certificate of the site.
  public KeyedCertificate server() {
    return server;
  }

  /// The root under which a client's certificate has to be.
  public X509Certificate clientRoot() {
    return clientAuthority.certificate();
  }

  /// A new identity for a client, accepted under [TlsFault.ClientCertificateRequired].
  public KeyedCertificate newClient(String commonName) {
    return Certificates.leaf(commonName)
        .key(keyKind)
        .usages(CertificateDraft.CLIENT_AUTH)
        .issuedBy(clientAuthority);
  }

  /// A client's context that trusts the root alone.
  public SSLContext clientContext() {
    return Certificates.trusting(root());
  }

  /// What a server with this fault shows.
  public KeyedCertificate showing(TlsFault.BadCertificate fault) {
    return bad.computeIfAbsent(fault, this::make);
  }

  private KeyedCertificate make(TlsFault.BadCertificate fault) {
    return switch (fault) {
      case TlsFault.Expired() -> leaf().expiredFor(TWO_DAYS).issuedBy(intermediate);
      case TlsFault.NotYetValid() -> leaf().validIn(TWO_DAYS).issuedBy(intermediate);
      case TlsFault.WrongName() ->
          Certificates.leaf("elsewhere.example")
              .key(keyKind)
              .dns("elsewhere.example")
              .dns("www.elsewhere.example")
              .issuedBy(intermediate);
      case TlsFault.SelfSigned() -> leaf().selfSigned();
      case TlsFault.UntrustedIssuer() -> leaf().issuedBy(strangeIntermediate());
      case TlsFault.IncompleteChain() -> server.withoutIssuers();
      case TlsFault.ExpiredIntermediate() -> leaf().issuedBy(expiredIntermediate());
    };
  }

  private CertificateDraft leaf() {
    CertificateDraft draft = Certificates.leaf(names.getFirst()).key(keyKind);
    names.forEach(draft::name);
    if (issuerAddress != null) {
      draft.issuerAt(issuerAddress);
    }
    return draft;
  }

  private KeyedCertificate strangeIntermediate() {
    KeyedCertificate stranger = Certificates.authority("Unknown Root").key(keyKind).selfSigned();
    return Certificates.authority("Unknown Issuer").key(keyKind).issuedBy(stranger);
  }

  private KeyedCertificate expiredIntermediate() {
    return Certificates.authority("Whygate Faults Old Issuer")
        .key(keyKind)
        .expiredFor(TWO_DAYS)
        .issuedBy(root);
  }
}
