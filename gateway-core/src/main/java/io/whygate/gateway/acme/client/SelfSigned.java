package io.whygate.gateway.acme.client;

import io.whygate.gateway.config.ListenerSettings.KeyPair;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/// Certificates that nobody signed but themselves.
final class SelfSigned {
  private static final Duration LIFE = Duration.ofDays(30);
  private static final int SERIAL_BITS = 120;
  private static final int LONGEST_NAME = 64;
  private static final ASN1ObjectIdentifier ACME_IDENTIFIER =
      new ASN1ObjectIdentifier("1.3.6.1.5.5.7.1.31");

  private SelfSigned() {}

  /// One that stands in for another, until that is there.
  static KeyPair of(Collection<String> names) {
    return make("no certificate yet", names, Optional.empty());
  }

  /// The proof of a name in a handshake (RFC 8737 section 3).
  ///
  /// @param validation the digest of the key authorization
  static KeyPair proof(String name, byte[] validation) {
    try {
      Extension identifier =
          new Extension(ACME_IDENTIFIER, true, new DEROctetString(validation).getEncoded());
      return make(name, List.of(name), Optional.of(identifier));
    } catch (IOException e) {
      throw new IllegalStateException("a proof cannot be made: " + e.getMessage(), e);
    }
  }

  private static KeyPair make(
      String subject, Collection<String> names, Optional<Extension> extension) {
    try {
      java.security.KeyPair keys = Keys.newPair("secp256r1");
      Instant now = Instant.now();
      X500Name self =
          new X500NameBuilder(BCStyle.INSTANCE).addRDN(BCStyle.CN, shortened(subject)).build();
      JcaX509v3CertificateBuilder builder =
          new JcaX509v3CertificateBuilder(
              self,
              new BigInteger(SERIAL_BITS, new SecureRandom()).add(BigInteger.ONE),
              Date.from(now.minus(Duration.ofHours(1))),
              Date.from(now.plus(LIFE)),
              self,
              keys.getPublic());
      builder.addExtension(
          Extension.subjectAlternativeName,
          false,
          new GeneralNames(
              names.stream()
                  .map(each -> new GeneralName(GeneralName.dNSName, each))
                  .toArray(GeneralName[]::new)));
      if (extension.isPresent()) {
        builder.addExtension(extension.get());
      }
      X509Certificate certificate =
          new JcaX509CertificateConverter()
              .getCertificate(
                  builder.build(
                      new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate())));
      return new KeyPair(List.of(certificate), keys.getPrivate());
    } catch (GeneralSecurityException | OperatorCreationException | CertIOException e) {
      throw new IllegalStateException("a certificate cannot be made: " + e.getMessage(), e);
    }
  }

  /// A common name has 64 characters at most (RFC 5280 appendix A.1).
  private static String shortened(String name) {
    return name.length() <= LONGEST_NAME ? name : name.substring(0, LONGEST_NAME);
  }
}
