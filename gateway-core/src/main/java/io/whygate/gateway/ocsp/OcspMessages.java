package io.whygate.gateway.ocsp;

import java.io.IOException;
import java.net.URI;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1String;
import org.bouncycastle.asn1.x509.AccessDescription;
import org.bouncycastle.asn1.x509.AuthorityInformationAccess;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.cert.CertException;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.ocsp.BasicOCSPResp;
import org.bouncycastle.cert.ocsp.CertificateID;
import org.bouncycastle.cert.ocsp.CertificateStatus;
import org.bouncycastle.cert.ocsp.OCSPException;
import org.bouncycastle.cert.ocsp.OCSPReqBuilder;
import org.bouncycastle.cert.ocsp.OCSPResp;
import org.bouncycastle.cert.ocsp.RespID;
import org.bouncycastle.cert.ocsp.RevokedStatus;
import org.bouncycastle.cert.ocsp.SingleResp;
import org.bouncycastle.cert.ocsp.UnknownStatus;
import org.bouncycastle.operator.ContentVerifierProvider;
import org.bouncycastle.operator.DigestCalculatorProvider;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;

/// The question about one certificate, and its answers read and verified (RFC 6960 section 3.2).
/// Only here is the library of certificates used: it is loaded where a responder is named.
final class OcspMessages {
  /// How far the clocks of gateway and responder may be apart.
  private static final Duration SKEW = Duration.ofMinutes(5);

  /// How long an answer is used that does not say it.
  private static final Duration UNSAID = Duration.ofHours(1);

  private static final List<String> SCHEMES = List.of("http://", "https://");

  private final X509CertificateHolder leaf;
  private final X509CertificateHolder issuer;
  private final DigestCalculatorProvider digests;

  /// @param issuer whose key signed the leaf
  OcspMessages(X509Certificate leaf, X509Certificate issuer) {
    try {
      this.leaf = new X509CertificateHolder(leaf.getEncoded());
      this.issuer = new X509CertificateHolder(issuer.getEncoded());
      this.digests = new JcaDigestCalculatorProviderBuilder().build();
    } catch (IOException | CertificateEncodingException | OperatorCreationException e) {
      throw new IllegalArgumentException("certificate: " + e.getMessage(), e);
    }
  }

  /// Where the responder of a certificate is; empty where it names none that is asked over HTTP.
  static Optional<URI> responder(X509Certificate certificate) {
    try {
      AuthorityInformationAccess access =
          AuthorityInformationAccess.fromExtensions(
              new X509CertificateHolder(certificate.getEncoded()).getExtensions());
      return access == null
          ? Optional.empty()
          : Arrays.stream(access.getAccessDescriptions())
              .filter(each -> AccessDescription.id_ad_ocsp.equals(each.getAccessMethod()))
              .map(AccessDescription::getAccessLocation)
              .filter(each -> each.getTagNo() == GeneralName.uniformResourceIdentifier)
              .map(each -> ((ASN1String) each.getName()).getString())
              .map(OcspMessages::overHttp)
              .flatMap(Optional::stream)
              .map(URI::create)
              .filter(each -> each.getHost() != null)
              .findFirst();
    } catch (IOException | CertificateEncodingException | RuntimeException _) {
      return Optional.empty();
    }
  }

  /// An address with its scheme in small letters, which stands for itself in capitals too (RFC 3986
  /// section 3.1); empty for one of another way, such as LDAP.
  private static Optional<String> overHttp(String address) {
    for (String scheme : SCHEMES) {
      if (address.regionMatches(true, 0, scheme, 0, scheme.length())) {
        return Optional.of(scheme + address.substring(scheme.length()));
      }
    }
    return Optional.empty();
  }

  /// The question, DER. It names the certificate by SHA-1, which all responders know (RFC 5019
  /// section 2.1.1), and has no nonce: answers are made ahead.
  byte[] question() {
    try {
      CertificateID id =
          new CertificateID(digests.get(CertificateID.HASH_SHA1), issuer, leaf.getSerialNumber());
      return new OCSPReqBuilder().addRequest(id).build().getEncoded();
    } catch (OCSPException | OperatorCreationException | IOException e) {
      throw new IllegalStateException("question: " + e.getMessage(), e);
    }
  }

  /// Reads an answer.
  ///
  /// @throws OcspException where it proves nothing at this moment
  OcspAnswer read(byte[] response, Instant now) throws OcspException {
    try {
      BasicOCSPResp basic = basic(new OCSPResp(response));
      SingleResp single = single(basic);
      verifySigner(basic, now);
      return answer(response, single, now);
    } catch (OcspException e) {
      throw e;
    } catch (OCSPException
        | OperatorCreationException
        | CertException
        | IOException
        | RuntimeException e) {
      // The library's readers let go of a malformed answer by exceptions of every kind.
      throw new OcspException("the answer cannot be read: " + e.getMessage());
    }
  }

  private static BasicOCSPResp basic(OCSPResp response) throws OcspException, OCSPException {
    String refusal =
        switch (response.getStatus()) {
          case OCSPResp.SUCCESSFUL -> "";
          case OCSPResp.MALFORMED_REQUEST -> "malformedRequest";
          case OCSPResp.INTERNAL_ERROR -> "internalError";
          case OCSPResp.TRY_LATER -> "tryLater";
          case OCSPResp.SIG_REQUIRED -> "sigRequired";
          case OCSPResp.UNAUTHORIZED -> "unauthorized: it does not know this certificate";
          default -> "status " + response.getStatus();
        };
    if (!refusal.isEmpty()) {
      throw new OcspException("the responder says " + refusal);
    }
    if (response.getResponseObject() instanceof BasicOCSPResp basic) {
      return basic;
    }
    throw new OcspException("the answer is of an unknown kind");
  }

  private SingleResp single(BasicOCSPResp basic) throws OcspException, OCSPException {
    for (SingleResp each : basic.getResponses()) {
      if (each.getCertID().getSerialNumber().equals(leaf.getSerialNumber())
          && each.getCertID().matchesIssuer(issuer, digests)) {
        return each;
      }
    }
    throw new OcspException("the answer is about another certificate");
  }

  /// The issuer itself signs, or whom it has made its responder for now (section 4.2.2.2).
  private void verifySigner(BasicOCSPResp basic, Instant now)
      throws OcspException, OCSPException, OperatorCreationException, CertException {
    List<X509CertificateHolder> signers = new ArrayList<>(List.of(issuer));
    signers.addAll(Arrays.asList(basic.getCerts()));
    for (X509CertificateHolder each : signers) {
      if (isNamed(basic.getResponderId(), each)) {
        if (!each.equals(issuer)) {
          verifyDelegate(each, now);
        }
        if (!basic.isSignatureValid(verifier(each))) {
          throw new OcspException("the answer's signature is wrong");
        }
        return;
      }
    }
    throw new OcspException("the answer is signed by somebody else than the certificate's issuer");
  }

  private boolean isNamed(RespID responder, X509CertificateHolder candidate)
      throws OCSPException, OperatorCreationException {
    return responder.equals(new RespID(candidate.getSubject()))
        || responder.equals(
            new RespID(candidate.getSubjectPublicKeyInfo(), digests.get(RespID.HASH_SHA1)));
  }

  private void verifyDelegate(X509CertificateHolder delegate, Instant now)
      throws OcspException, OperatorCreationException, CertException {
    if (!delegate.getIssuer().equals(issuer.getSubject())
        || !delegate.isSignatureValid(verifier(issuer))) {
      throw new OcspException("the answer's signer was not made by the certificate's issuer");
    }
    ExtendedKeyUsage usage = ExtendedKeyUsage.fromExtensions(delegate.getExtensions());
    if (usage == null || !usage.hasKeyPurposeId(KeyPurposeId.id_kp_OCSPSigning)) {
      throw new OcspException("the answer's signer may not sign answers (OCSPSigning)");
    }
    if (!delegate.isValidOn(Date.from(now))) {
      throw new OcspException("the certificate of the answer's signer is not valid now");
    }
  }

  private static ContentVerifierProvider verifier(X509CertificateHolder signer)
      throws OperatorCreationException {
    try {
      return new JcaContentVerifierProviderBuilder().build(signer);
    } catch (java.security.cert.CertificateException e) {
      throw new OperatorCreationException("the signer's key cannot be used", e);
    }
  }

  private static OcspAnswer answer(byte[] response, SingleResp single, Instant now)
      throws OcspException {
    Instant from = single.getThisUpdate().toInstant();
    Date end = single.getNextUpdate();
    // One that does not say is held to be recent (RFC 6960 section 3.2), or may be replayed for
    // ever.
    Instant until = end == null ? from.plus(UNSAID) : end.toInstant();
    if (from.isAfter(now.plus(SKEW))) {
      throw new OcspException("the answer holds from " + from + " only");
    }
    if (!until.isAfter(now)) {
      throw new OcspException("the answer ran out at " + until);
    }
    CertificateStatus status = single.getCertStatus();
    return switch (status) {
      case null -> new OcspAnswer(response, from, until, Optional.empty());
      case RevokedStatus revoked ->
          new OcspAnswer(response, from, until, Optional.of(text(revoked)));
      case UnknownStatus _ ->
          throw new OcspException("the responder says that it does not know this certificate");
      default -> throw new OcspException("the answer's status is of an unknown kind");
    };
  }

  private static String text(RevokedStatus revoked) {
    return "revoked at "
        + revoked.getRevocationTime().toInstant()
        + (revoked.hasRevocationReason()
            ? " (" + CRLReason.lookup(revoked.getRevocationReason()) + ")"
            : "");
  }
}
