package io.whygate.gateway.listener;

import io.netty.handler.ssl.OpenSslSessionTicketKey;
import io.whygate.gateway.config.ListenerSettings;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HexFormat;
import java.util.function.LongSupplier;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// The keys that seal a listener's session tickets (RFC 5077, RFC 8446 section 4.6.1): its own,
/// replaced in time, or those of files.
///
/// They are told apart by what clients have to show: a ticket opens no door that its client was not
/// let through. Shared by all threads.
final class TicketKeys {
  private static final int PART = 16;

  private final ListenerSettings.SessionTickets settings;
  private final LongSupplier nanos;
  private final SecureRandom random = new SecureRandom();
  private final Deque<OpenSslSessionTicketKey> keys = new ArrayDeque<>();
  private volatile long renewedNanos;

  /// @param nanos the clock, as [System#nanoTime]
  TicketKeys(ListenerSettings.Tls tls, LongSupplier nanos) {
    this.settings = tls.sessionTickets();
    this.nanos = nanos;
    this.renewedNanos = nanos.getAsLong();
    if (isOfFiles()) {
      byte[] shown = digest(tls.clientCertificates());
      settings.keys().forEach(each -> keys.addLast(derived(HexFormat.of().parseHex(each), shown)));
    } else {
      keys.addFirst(made());
    }
  }

  private boolean isOfFiles() {
    return !settings.keys().isEmpty();
  }

  private OpenSslSessionTicketKey made() {
    return key(bytes(), bytes(), bytes());
  }

  private byte[] bytes() {
    byte[] made = new byte[PART];
    random.nextBytes(made);
    return made;
  }

  private static OpenSslSessionTicketKey key(byte[] name, byte[] hmac, byte[] aes) {
    return new OpenSslSessionTicketKey(name, hmac, aes);
  }

  private static OpenSslSessionTicketKey derived(byte[] secret, byte[] shown) {
    return key(part(secret, shown, 0), part(secret, shown, 1), part(secret, shown, 2));
  }

  private static byte[] part(byte[] secret, byte[] shown, int number) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret, "HmacSHA256"));
      mac.update(shown);
      mac.update((byte) number);
      return Arrays.copyOf(mac.doFinal(), PART);
    } catch (GeneralSecurityException e) {
      throw new AssertionError("every JDK has HmacSHA256", e);
    }
  }

  private static byte[] digest(ListenerSettings.ClientCertificates clients) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(clients.verify().name().getBytes(StandardCharsets.US_ASCII));
      for (X509Certificate each : clients.trusted()) {
        digest.update(each.getEncoded());
      }
      return digest.digest();
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException("trusted-certificates: " + e.getMessage(), e);
    }
  }

  /// Whether the key has sealed long enough.
  boolean isDue() {
    return !isOfFiles() && nanos.getAsLong() - renewedNanos >= settings.rotateEvery().toNanos();
  }

  /// The keys of this moment: the first seals, all open.
  synchronized OpenSslSessionTicketKey[] current() {
    if (isDue()) {
      long times = (nanos.getAsLong() - renewedNanos) / settings.rotateEvery().toNanos();
      for (long i = 0; i < Math.min(times, settings.keep() + 1L); i++) {
        keys.addFirst(made());
      }
      while (keys.size() > settings.keep() + 1) {
        keys.removeLast();
      }
      renewedNanos = nanos.getAsLong();
    }
    return keys.toArray(OpenSslSessionTicketKey[]::new);
  }
}
