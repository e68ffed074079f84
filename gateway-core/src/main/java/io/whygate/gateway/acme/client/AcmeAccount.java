package io.whygate.gateway.acme.client;

import io.whygate.gateway.acme.AuthorityException;
import io.whygate.gateway.acme.CertificateFiles;
import io.whygate.gateway.config.AcmeSettings;
import io.whygate.gateway.config.AcmeSettings.ExternalAccount;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URL;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.shredzone.acme4j.Account;
import org.shredzone.acme4j.AccountBuilder;
import org.shredzone.acme4j.Login;
import org.shredzone.acme4j.Session;
import org.shredzone.acme4j.exception.AcmeException;

/// The account with an authority: made once, kept on disk, used by all orders.
///
/// The file has the account's URL, the address that the authority may write to, the account of
/// another kind that it is bound to, and its key.
final class AcmeAccount {
  private final AcmeSettings settings;
  private final CertificateFiles files;
  private final Session session;
  private @Nullable Login login;

  /// What is kept.
  ///
  /// @param url empty before the authority has it
  private record Kept(String url, String email, String external, KeyPair key) {
    String text() {
      return String.join("\n", url, email, external, Keys.text(key));
    }
  }

  AcmeAccount(AcmeSettings settings, CertificateFiles files, Session session) {
    this.settings = settings;
    this.files = files;
    this.session = session;
  }

  /// The account, made where there is none. Blocks.
  synchronized Login login() throws AcmeException, AuthorityException {
    Login known = login;
    if (known != null) {
      return known;
    }
    try {
      Kept kept = kept();
      Login found = kept.url().isEmpty() ? register(kept) : again(kept);
      login = found;
      return found;
    } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
      throw new AuthorityException("acme.storage: " + e.getMessage(), e);
    }
  }

  private Kept kept() throws IOException, GeneralSecurityException {
    Optional<String> text = files.account();
    if (text.isPresent()) {
      String[] parts = text.get().split("\n", 4);
      if (parts.length == 4 && parts[2].equals(external())) {
        return new Kept(parts[0], parts[1], parts[2], Keys.pairOf(parts[3]));
      }
    }
    // Its key is kept first, so that a stop before the answer does not leave an account behind.
    Kept fresh = new Kept("", email(), external(), Keys.newPair("secp256r1"));
    files.keepAccount(fresh.text());
    return fresh;
  }

  private Login register(Kept kept) throws AcmeException, IOException {
    AccountBuilder builder = new AccountBuilder().useKeyPair(kept.key());
    if (settings.account().agreed()) {
      builder.agreeToTermsOfService();
    }
    if (!email().isEmpty()) {
      builder.addEmail(email());
    }
    Optional<ExternalAccount> external = settings.account().external();
    external.ifPresent(
        each -> builder.withKeyIdentifier(each.keyId(), each.macKey().replaceAll("=+$", "")));
    Login made = builder.createLogin(session);
    files.keepAccount(
        new Kept(made.getAccountLocation().toString(), email(), kept.external(), kept.key())
            .text());
    return made;
  }

  private Login again(Kept kept) throws AcmeException, IOException {
    Login found = session.login(url(kept.url()), kept.key());
    if (!kept.email().equals(email())) {
      Account.EditableAccount change = found.getAccount().modify();
      change.getContacts().clear();
      if (!email().isEmpty()) {
        change.addEmail(email());
      }
      change.commit();
      files.keepAccount(new Kept(kept.url(), email(), kept.external(), kept.key()).text());
    }
    return found;
  }

  private static URL url(String text) throws IOException {
    try {
      return URI.create(text).toURL();
    } catch (IllegalArgumentException | MalformedURLException e) {
      throw new IOException("the account's URL is " + text, e);
    }
  }

  /// The authority does not know it any more: the same key is registered anew next time.
  synchronized void forget() throws AuthorityException {
    login = null;
    try {
      Kept kept = kept();
      files.keepAccount(new Kept("", kept.email(), kept.external(), kept.key()).text());
    } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
      throw new AuthorityException("acme.storage: " + e.getMessage(), e);
    }
  }

  private String email() {
    return settings.account().email();
  }

  private String external() {
    return settings.account().external().map(ExternalAccount::keyId).orElse("");
  }
}
