package io.whygate.gateway.acme.client;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.whygate.gateway.config.AcmeSettings;
import io.whygate.gateway.config.Pem;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.List;

/// Makes keys, and keeps those of accounts: the private one (PKCS#8) and the public one, which the
/// JDK does not derive from it.
final class Keys {
  private Keys() {}

  static KeyPair newPair(AcmeSettings.Key kind) throws GeneralSecurityException {
    return switch (kind) {
      case ECDSA_P256 -> newPair("secp256r1");
      case ECDSA_P384 -> newPair("secp384r1");
      case RSA_2048 -> newPair(2048);
      case RSA_3072 -> newPair(3072);
      case RSA_4096 -> newPair(4096);
    };
  }

  /// An elliptic pair as text.
  static String text(KeyPair pair) {
    return Pem.of(pair.getPrivate()).text() + Pem.of(pair.getPublic()).text();
  }

  /// An elliptic pair from its text.
  ///
  /// @throws GeneralSecurityException where the text is no such pair
  static KeyPair pairOf(String text) throws GeneralSecurityException {
    List<Pem> blocks = Pem.blocks(text.getBytes(US_ASCII));
    if (blocks.size() != 2) {
      throw new InvalidKeyException(
          "account.pem: %d keys (expected: a private and a public one)".formatted(blocks.size()));
    }
    KeyFactory factory = KeyFactory.getInstance("EC");
    return new KeyPair(
        factory.generatePublic(new X509EncodedKeySpec(blocks.getLast().der())),
        factory.generatePrivate(new PKCS8EncodedKeySpec(blocks.getFirst().der())));
  }

  static KeyPair newPair(String curve) throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec(curve));
    return generator.generateKeyPair();
  }

  private static KeyPair newPair(int bits) throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(bits);
    return generator.generateKeyPair();
  }
}
