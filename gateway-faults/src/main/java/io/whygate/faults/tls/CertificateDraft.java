package io.whygate.faults.tls;

import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;

/// A certificate being written: what it will say, until an issuer signs it. Not thread-safe.
public final class CertificateDraft {
  /// Extended key usages of RFC 5280 section 4.2.1.12.
  public static final String SERVER_AUTH = "1.3.6.1.5.5.7.3.1";

  public static final String CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";

  public static final String OCSP_SIGNING = "1.3.6.1.5.5.7.3.9";

  private static final SecureRandom RANDOM = new SecureRandom();

  private final X500Principal subject;
  private final boolean authority;
  private Instant notBefore;
  private Instant notAfter;
  private KeyKind keyKind = KeyKind.EC_P256;
  private List<String> usages = List.of(SERVER_AUTH, CLIENT_AUTH);
  private final List<byte[]> alternativeNames = new ArrayList<>();
  private @Nullable URI issuerAddress;
  private @Nullable URI responderAddress;
  private boolean mustStaple;

  private CertificateDraft(String commonName, boolean authority, Instant from, Instant to) {
    this.subject = new X500Principal("CN=" + commonName + ", O=Whygate");
    this.authority = authority;
    this.notBefore = from;
    this.notAfter = to;
  }

  static CertificateDraft authority(String commonName) {
    Instant now = Instant.now();
    return new CertificateDraft(
        commonName, true, now.minus(Duration.ofDays(1)), now.plus(Duration.ofDays(3650)));
  }

  static CertificateDraft leaf(String commonName) {
    Instant now = Instant.now();
    return new CertificateDraft(
        commonName, false, now.minus(Duration.ofHours(1)), now.plus(Duration.ofDays(90)));
  }

  public CertificateDraft valid(Instant from, Instant to) {
    notBefore = from;
    notAfter = to;
    return this;
  }

  /// Makes it expired: it was valid for 90 days, until this long ago.
  public CertificateDraft expiredFor(Duration ago) {
    Instant end = Instant.now().minus(ago);
    return valid(end.minus(Duration.ofDays(90)), end);
  }

  /// Makes it valid only from this far in the future.
  public CertificateDraft validIn(Duration time) {
    Instant start = Instant.now().plus(time);
    return valid(start, start.plus(Duration.ofDays(90)));
  }

  public CertificateDraft key(KeyKind kind) {
    keyKind = kind;
    return this;
  }

  /// The extended key usages, as dotted object identifiers; leaves have both by themselves.
  public CertificateDraft usages(String... oids) {
    usages = List.of(oids);
    return this;
  }

  /// Adds a DNS name, exact or `*.wildcard`.
  public CertificateDraft dns(String name) {
    alternativeNames.add(Der.implicit(2, name.getBytes(StandardCharsets.US_ASCII)));
    return this;
  }

  public CertificateDraft ip(InetAddress address) {
    alternativeNames.add(Der.implicit(7, address.getAddress()));
    return this;
  }

  /// Adds a name, as an IP address where it is a literal of one, else as a DNS name.
  public CertificateDraft name(String nameOrAddress) {
    try {
      return ip(InetAddress.ofLiteral(nameOrAddress));
    } catch (IllegalArgumentException notAnAddress) {
      return dns(nameOrAddress);
    }
  }

  /// Says where the issuer's certificate can be fetched (AIA, RFC 5280 section 4.2.2.1).
  public CertificateDraft issuerAt(URI address) {
    issuerAddress = address;
    return this;
  }

  /// Says where it can be asked whether it was revoked (OCSP, RFC 5280 section 4.2.2.1).
  public CertificateDraft responderAt(URI address) {
    responderAddress = address;
    return this;
  }

  /// Demands that servers prove in each handshake that it was not revoked (RFC 7633).
  public CertificateDraft mustStaple() {
    mustStaple = true;
    return this;
  }

  /// Signs it with its own key.
  public KeyedCertificate selfSigned() {
    KeyPair pair = keyKind.generate();
    X509Certificate certificate =
        sign(pair.getPublic(), new Issuer(subject, pair.getPublic(), pair.getPrivate()));
    return new KeyedCertificate(pair.getPrivate(), List.of(certificate));
  }

  /// Has it signed by an issuer; the chain goes up to, and leaves out, the self-signed root.
  public KeyedCertificate issuedBy(KeyedCertificate issuer) {
    KeyPair pair = keyKind.generate();
    X509Certificate above = issuer.certificate();
    X509Certificate certificate =
        sign(
            pair.getPublic(),
            new Issuer(above.getSubjectX500Principal(), above.getPublicKey(), issuer.key()));
    List<X509Certificate> chain = new ArrayList<>();
    chain.add(certificate);
    issuer.chain().stream()
        .filter(one -> !one.getIssuerX500Principal().equals(one.getSubjectX500Principal()))
        .forEach(chain::add);
    return new KeyedCertificate(pair.getPrivate(), chain);
  }

  private X509Certificate sign(PublicKey key, Issuer issuer) {
    KeyKind signing = KeyKind.of(issuer.privateKey());
    byte[] body =
        Der.sequence(
            Der.explicit(0, Der.integer(2)),
            Der.integer(new BigInteger(127, RANDOM).add(BigInteger.ONE)),
            signing.signatureAlgorithm(),
            issuer.name().getEncoded(),
            Der.sequence(Der.time(notBefore), Der.time(notAfter)),
            subject.getEncoded(),
            key.getEncoded(),
            Der.explicit(3, Der.sequence(extensions(key, issuer.publicKey()))));
    try {
      Signature signature = Signature.getInstance(signing.signature());
      signature.initSign(issuer.privateKey());
      signature.update(body);
      byte[] signed = Der.sequence(body, signing.signatureAlgorithm(), Der.bits(signature.sign()));
      return (X509Certificate)
          CertificateFactory.getInstance("X.509")
              .generateCertificate(new ByteArrayInputStream(signed));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("certificate of " + subject + ": cannot be made", e);
    }
  }

  private List<byte[]> extensions(PublicKey key, PublicKey issuerKey) {
    List<byte[]> all = new ArrayList<>();
    all.add(extension("2.5.29.14", false, Der.octets(keyId(key))));
    all.add(extension("2.5.29.35", false, Der.sequence(Der.implicit(0, keyId(issuerKey)))));
    all.add(
        extension("2.5.29.19", true, authority ? Der.sequence(Der.bool(true)) : Der.sequence()));
    all.add(extension("2.5.29.15", true, authority ? Der.namedBits(5, 6) : Der.namedBits(0)));
    if (!authority && !usages.isEmpty()) {
      all.add(extension("2.5.29.37", false, Der.sequence(usages.stream().map(Der::oid).toList())));
    }
    if (!alternativeNames.isEmpty()) {
      all.add(extension("2.5.29.17", false, Der.sequence(alternativeNames)));
    }
    List<byte[]> accesses = new ArrayList<>();
    if (issuerAddress != null) {
      accesses.add(access("1.3.6.1.5.5.7.48.2", issuerAddress));
    }
    if (responderAddress != null) {
      accesses.add(access("1.3.6.1.5.5.7.48.1", responderAddress));
    }
    if (!accesses.isEmpty()) {
      all.add(extension("1.3.6.1.5.5.7.1.1", false, Der.sequence(accesses)));
    }
    if (mustStaple) {
      all.add(
          extension("1.3.6.1.5.5.7.1.24", false, Der.sequence(Der.integer(BigInteger.valueOf(5)))));
    }
    return all;
  }

  private static byte[] access(String way, URI address) {
    byte[] where = Der.implicit(6, address.toASCIIString().getBytes(StandardCharsets.US_ASCII));
    return Der.sequence(Der.oid(way), where);
  }

  private static byte[] extension(String oid, boolean critical, byte[] value) {
    return critical
        ? Der.sequence(Der.oid(oid), Der.bool(true), Der.octets(value))
        : Der.sequence(Der.oid(oid), Der.octets(value));
  }

  /// A key identifier: the first 160 bits of a SHA-256 (RFC 7093 section 2, method 4).
  private static byte[] keyId(PublicKey key) {
    try {
      return Arrays.copyOf(MessageDigest.getInstance("SHA-256").digest(key.getEncoded()), 20);
    } catch (GeneralSecurityException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }

  private record Issuer(X500Principal name, PublicKey publicKey, PrivateKey privateKey) {}
}
