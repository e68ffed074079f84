package io.whygate.gateway.acme.client;

import io.whygate.gateway.acme.Authority;
import io.whygate.gateway.acme.AuthorityException;
import io.whygate.gateway.acme.CertificateFiles;
import io.whygate.gateway.acme.PendingChallenges;
import io.whygate.gateway.config.AcmeSettings;
import io.whygate.gateway.config.AcmeSettings.Challenge;
import io.whygate.gateway.config.AcmeSettings.Wanted;
import io.whygate.gateway.config.ListenerSettings.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.shredzone.acme4j.Login;
import org.shredzone.acme4j.Order;
import org.shredzone.acme4j.OrderBuilder;
import org.shredzone.acme4j.RenewalInfo;
import org.shredzone.acme4j.Session;
import org.shredzone.acme4j.connector.Resource;
import org.shredzone.acme4j.exception.AcmeException;
import org.shredzone.acme4j.exception.AcmeLazyLoadingException;
import org.shredzone.acme4j.exception.AcmeProtocolException;
import org.shredzone.acme4j.exception.AcmeServerException;

/// An authority that speaks ACME.
public final class AcmeAuthority implements Authority {
  /// How often an authority is asked when a certificate is to be replaced (RFC 9773 section 4.3.2).
  private static final Duration LEAST_PAUSE = Duration.ofMinutes(1);

  private static final Duration USUAL_PAUSE = Duration.ofHours(6);
  private static final Duration LONGEST_PAUSE = Duration.ofDays(1);

  private final AcmeSettings settings;
  private final PendingChallenges pending;
  private final Session session;
  private final AcmeAccount account;

  public AcmeAuthority(AcmeSettings settings, CertificateFiles files, PendingChallenges pending) {
    this.settings = settings;
    this.pending = pending;
    session = new Session(settings.directory(), new TrustedProvider(settings.trusted()));
    session.networkSettings().setTimeout(settings.pace().timeout());
    session.setLocale(Locale.ENGLISH);
    account = new AcmeAccount(settings, files, session);
  }

  @Override
  public KeyPair obtain(Wanted wanted, Optional<X509Certificate> replaced)
      throws AuthorityException, InterruptedException {
    List<String> failures = new ArrayList<>();
    for (Challenge way : settings.challenges()) {
      try {
        return prove(wanted, replaced, way);
      } catch (NotProvedException e) {
        failures.add(e.getMessage());
      }
    }
    throw new AuthorityException(String.join("; ", failures), null);
  }

  private KeyPair prove(Wanted wanted, Optional<X509Certificate> replaced, Challenge way)
      throws AuthorityException, InterruptedException, NotProvedException {
    try {
      return prove(account.login(), wanted, replaced, way);
    } catch (AcmeServerException e) {
      if (!Failures.isOfType(e, "accountDoesNotExist")) {
        throw Failures.translate(e);
      }
      // The authority has forgotten it: one more is made, once.
      account.forget();
      try {
        return prove(account.login(), wanted, replaced, way);
      } catch (AcmeException | AcmeLazyLoadingException | AcmeProtocolException again) {
        throw Failures.translate(again);
      }
    } catch (AcmeException | AcmeLazyLoadingException | AcmeProtocolException e) {
      throw Failures.translate(e);
    }
  }

  private KeyPair prove(
      Login login, Wanted wanted, Optional<X509Certificate> replaced, Challenge way)
      throws AcmeException, AuthorityException, InterruptedException, NotProvedException {
    Instant end = Instant.now().plus(settings.pace().order());
    Order order = begin(login, wanted, replaced);
    try (Proofs proofs = new Proofs(pending)) {
      proofs.prove(order.getAuthorizations(), way, end);
    }
    return new OrderedCertificate(order, settings.certificate().key()).fetch(wanted, end);
  }

  private Order begin(Login login, Wanted wanted, Optional<X509Certificate> replaced)
      throws AcmeException {
    boolean tells = replaced.isPresent() && saysWhenToRenew();
    try {
      return builder(login, wanted, tells ? replaced : Optional.empty()).create();
    } catch (AcmeServerException e) {
      // It was replaced already, or is of another authority: the order stands without it.
      if (!tells || Failures.isOfType(e, "rateLimited")) {
        throw e;
      }
      return builder(login, wanted, Optional.empty()).create();
    }
  }

  private OrderBuilder builder(Login login, Wanted wanted, Optional<X509Certificate> replaced) {
    OrderBuilder builder = login.newOrder().domains(wanted.names());
    if (!settings.certificate().profile().isEmpty()) {
      builder.profile(settings.certificate().profile());
    }
    replaced.ifPresent(builder::replaces);
    return builder;
  }

  private boolean saysWhenToRenew() throws AcmeException {
    return session.resourceUrlOptional(Resource.RENEWAL_INFO).isPresent();
  }

  @Override
  public Optional<Window> renewal(X509Certificate certificate) throws AuthorityException {
    try {
      if (!saysWhenToRenew()) {
        return Optional.empty();
      }
      RenewalInfo info = account.login().bindRenewalInfo(certificate);
      Optional<Instant> again = info.fetch();
      Duration pause = again.map(each -> Duration.between(Instant.now(), each)).orElse(USUAL_PAUSE);
      return Optional.of(
          new Window(
              info.getSuggestedWindowStart(),
              info.getSuggestedWindowEnd(),
              pause.compareTo(LEAST_PAUSE) < 0
                  ? LEAST_PAUSE
                  : pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause));
    } catch (AcmeException | AcmeLazyLoadingException | AcmeProtocolException e) {
      throw Failures.translate(e);
    } catch (IllegalArgumentException e) {
      throw new AuthorityException(String.valueOf(e.getMessage()), e);
    }
  }

  @Override
  public KeyPair placeholder(Collection<String> names) {
    return SelfSigned.of(names);
  }
}
