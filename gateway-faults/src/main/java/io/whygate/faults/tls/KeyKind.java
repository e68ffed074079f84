package io.whygate.faults.tls;

import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.spec.ECGenParameterSpec;

/// The kinds of key a certificate can have, with the signature that such a key makes.
public enum KeyKind {
  EC_P256("SHA256withECDSA"),
  RSA_2048("SHA256withRSA");

  private final String signature;

  KeyKind(String signature) {
    this.signature = signature;
  }

  static KeyKind of(PrivateKey key) {
    return "RSA".equals(key.getAlgorithm()) ? RSA_2048 : EC_P256;
  }

  String signature() {
    return signature;
  }

  /// The AlgorithmIdentifier of the signature (RFC 5758 section 3.2, RFC 4055 section 5).
  byte[] signatureAlgorithm() {
    return switch (this) {
      case EC_P256 -> Der.sequence(Der.oid("1.2.840.10045.4.3.2"));
      case RSA_2048 -> Der.sequence(Der.oid("1.2.840.113549.1.1.11"), Der.nothing());
    };
  }

  KeyPair generate() {
    try {
      return generator().generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new AssertionError("every JDK makes " + this + " keys", e);
    }
  }

  private KeyPairGenerator generator()
      throws NoSuchAlgorithmException, InvalidAlgorithmParameterException {
    if (this == RSA_2048) {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(2048);
      return generator;
    }
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    return generator;
  }
}
