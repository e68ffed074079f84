package io.whygate.gateway.acme.client;

import io.whygate.gateway.acme.AuthorityException;
import io.whygate.gateway.config.AcmeSettings;
import io.whygate.gateway.config.AcmeSettings.Wanted;
import io.whygate.gateway.config.ListenerSettings.KeyPair;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.shredzone.acme4j.Order;
import org.shredzone.acme4j.Status;
import org.shredzone.acme4j.exception.AcmeException;

/// An order whose names are proved: a key is made for it, and the certificate fetched.
final class OrderedCertificate {
  private static final Set<Status> READY =
      EnumSet.of(Status.READY, Status.VALID, Status.INVALID, Status.CANCELED);
  private static final Set<Status> DONE = EnumSet.of(Status.VALID, Status.INVALID, Status.CANCELED);

  private final Order order;
  private final AcmeSettings.Key kind;

  OrderedCertificate(Order order, AcmeSettings.Key kind) {
    this.order = order;
    this.kind = kind;
  }

  /// Blocks.
  ///
  /// @throws AuthorityException where it is refused, or takes too long
  KeyPair fetch(Wanted wanted, Instant end)
      throws AcmeException, AuthorityException, InterruptedException {
    expect(Polling.await(order, READY, end), Status.READY);
    java.security.KeyPair keys = newKeys();
    order.execute(keys);
    expect(Polling.await(order, DONE, end), Status.VALID);
    List<X509Certificate> chain = order.getCertificate().getCertificateChain();
    if (!chain.getFirst().getPublicKey().equals(keys.getPublic())) {
      throw new AuthorityException("it signed another key than that of " + wanted.name(), null);
    }
    return new KeyPair(chain, keys.getPrivate());
  }

  private java.security.KeyPair newKeys() {
    try {
      return Keys.newPair(kind);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("a key cannot be made: " + e.getMessage(), e);
    }
  }

  private void expect(Status found, Status expected) throws AuthorityException {
    if (found != expected) {
      throw new AuthorityException(
          order
              .getError()
              .map(Failures::textOf)
              .orElse("the order is " + found + " (expected: " + expected + " in time)"),
          null);
    }
  }
}
