package io.whygate.gateway.ocsp;

import io.whygate.faults.tls.KeyedCertificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.ocsp.BasicOCSPRespBuilder;
import org.bouncycastle.cert.ocsp.CertificateID;
import org.bouncycastle.cert.ocsp.CertificateStatus;
import org.bouncycastle.cert.ocsp.OCSPResp;
import org.bouncycastle.cert.ocsp.OCSPRespBuilder;
import org.bouncycastle.cert.ocsp.RespID;
import org.bouncycastle.operator.DigestCalculatorProvider;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;
import org.jspecify.annotations.Nullable;

/// Answers as responders sign them, true and false ones.
record Answers(
    KeyedCertificate issuer,
    KeyedCertificate signer,
    Instant thisUpdate,
    @Nullable Instant nextUpdate,
    @Nullable CertificateStatus status) {

  /// The issuer itself says that a certificate is good, for an hour from now.
  static Answers of(KeyedCertificate issuer) {
    Instant now = Instant.now();
    return new Answers(issuer, issuer, now, now.plus(Duration.ofHours(1)), null);
  }

  Answers signedBy(KeyedCertificate other) {
    return new Answers(issuer, other, thisUpdate, nextUpdate, status);
  }

  Answers holding(Instant from, @Nullable Instant to) {
    return new Answers(issuer, signer, from, to, status);
  }

  Answers saying(CertificateStatus other) {
    return new Answers(issuer, signer, thisUpdate, nextUpdate, other);
  }

  byte[] about(X509Certificate certificate) {
    try {
      DigestCalculatorProvider digests = new JcaDigestCalculatorProviderBuilder().build();
      X509CertificateHolder own = new X509CertificateHolder(signer.der());
      BasicOCSPRespBuilder basic =
          new BasicOCSPRespBuilder(
              new RespID(own.getSubjectPublicKeyInfo(), digests.get(RespID.HASH_SHA1)));
      basic.addResponse(
          new CertificateID(
              digests.get(CertificateID.HASH_SHA1),
              new X509CertificateHolder(issuer.der()),
              certificate.getSerialNumber()),
          status,
          Date.from(thisUpdate),
          nextUpdate == null ? null : Date.from(nextUpdate));
      String algorithm =
          signer.key().getAlgorithm().equals("EC") ? "SHA256withECDSA" : "SHA256withRSA";
      X509CertificateHolder[] shown =
          signer.equals(issuer) ? new X509CertificateHolder[0] : new X509CertificateHolder[] {own};
      OCSPResp whole =
          new OCSPRespBuilder()
              .build(
                  OCSPRespBuilder.SUCCESSFUL,
                  basic.build(
                      new JcaContentSignerBuilder(algorithm).build(signer.key()),
                      shown,
                      Date.from(thisUpdate)));
      return whole.getEncoded();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
