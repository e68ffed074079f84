package io.whygate.diagnostics.page;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.whygate.diagnostics.facts.FailedExchange;
import io.whygate.diagnostics.facts.RequestProcessed;
import io.whygate.diagnostics.facts.Symptom;
import io.whygate.diagnostics.incident.Incident;
import io.whygate.diagnostics.page.Page.Field;
import io.whygate.diagnostics.page.Reader.Audience;
import io.whygate.diagnostics.verdict.Diagnosis;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// Shows diagnoses to readers: the one entry of this package.
///
/// Bodies are written once per diagnosis, form and language and kept, so that a steady outage is
/// answered as fast as from a file. Safe for use by any thread; [#kept] never does more than put
/// header fields together, [#render] may write a document (well under a millisecond).
public final class Pages {
  private static final byte[] NOTHING = {};
  private static final String TEXT = Form.TEXT.contentType();
  private static final long MOST_KEPT_BYTES = 16L << 20;

  private final String name;
  private final Languages languages;
  private final Branding branding;
  private final Map<Language, Spoken> spoken = new ConcurrentHashMap<>();
  private @Nullable Look look;
  private @Nullable OperatorDocument operatorDocument;
  private final Cache<Key, Written> written =
      Caffeine.newBuilder()
          .maximumWeight(MOST_KEPT_BYTES)
          .weigher((Key key, Written kept) -> kept.body().length + 512)
          .expireAfterAccess(Duration.ofMinutes(1))
          // Its upkeep is little, and less than to wake a thread for it at every few looks.
          .executor(Runnable::run)
          .build();

  /// @param name what the gateway calls itself in Proxy-Status
  /// @param branding how the pages look and speak
  /// @throws IllegalArgumentException where the branding has a text that cannot be used
  public Pages(String name, Branding branding) {
    this.name = name;
    this.branding = branding;
    List<Language> all = new ArrayList<>(Language.BUILT_IN);
    branding.texts().keySet().stream()
        .filter(each -> !each.isBuiltIn())
        .sorted(Comparator.comparing(Language::tag))
        .forEach(all::add);
    languages = new Languages(all);
    all.stream().filter(branding.texts()::containsKey).forEach(this::in);
  }

  /// What was shown, and the body that shows it.
  @SuppressWarnings("ArrayRecordComponent") // written out as it is; never compared
  private record Written(View view, byte[] body) {}

  /// What is said in one language.
  private record Spoken(Texts texts, HtmlPage html) {}

  /// Reads what is said in a language when it is wanted first: most are never asked for, and at a
  /// start nobody waits for any. An operator's own texts are read at once, so that their faults are
  /// found.
  private Spoken in(Language language) {
    return Objects.requireNonNull(spoken.computeIfAbsent(language, this::read));
  }

  private Spoken read(Language language) {
    Texts texts = Texts.of(language, branding.texts().getOrDefault(language, Map.of()));
    return new Spoken(texts, new HtmlPage(texts, branding, look()));
  }

  private synchronized Look look() {
    Look known = look;
    if (known == null) {
      known = Look.of(branding);
      look = known;
    }
    return known;
  }

  private synchronized OperatorDocument operatorDocument() {
    OperatorDocument known = operatorDocument;
    if (known == null) {
      known = new OperatorDocument();
      operatorDocument = known;
    }
    return known;
  }

  /// Reads what a first failure would wait for: the texts of visitors and operators in English.
  public void warmUp() {
    in(Language.ENGLISH);
    operatorDocument();
  }

  /// The answer to a failed exchange, written where it is not kept.
  public Page render(
      Diagnosis diagnosis, FailedExchange exchange, Incident incident, Reader reader) {
    Written shown =
        Objects.requireNonNull(
            written.get(
                key(diagnosis, exchange, incident, reader),
                _ -> {
                  View view = Disclosure.visitor(diagnosis, exchange, incident, reader);
                  return new Written(view, body(view, reader));
                }));
    return page(diagnosis, exchange, shown, reader);
  }

  /// The answer where its body is kept; for event loops.
  public Optional<Page> kept(
      Diagnosis diagnosis, FailedExchange exchange, Incident incident, Reader reader) {
    Written shown = written.getIfPresent(key(diagnosis, exchange, incident, reader));
    return shown == null ? Optional.empty() : Optional.of(page(diagnosis, exchange, shown, reader));
  }

  /// The public document of an incident, at `/.well-known/whygate/incidents/ID`.
  public Page incident(Incident incident, Reader reader) {
    return incident(incident, reader, Optional.empty());
  }

  /// The same for one who waited for the site.
  ///
  /// @param admission when it may open the site; empty while the incident is open
  public Page incident(Incident incident, Reader reader, Optional<Admission> admission) {
    byte[] body =
        incidentJson(incident, reader.language(), admission).getBytes(StandardCharsets.UTF_8);
    List<Field> headers = new ArrayList<>();
    headers.add(new Field("Content-Type", "application/json"));
    headers.add(new Field("Content-Length", Integer.toString(body.length)));
    headers.add(new Field("Content-Language", reader.language().tag()));
    headers.add(new Field("Cache-Control", "no-store"));
    headers.add(new Field("Whygate-Incident", incident.id()));
    headers.add(new Field("Whygate-Cause", incident.cause().code()));
    headers.add(new Field("Vary", "Accept-Language"));
    headers.add(new Field("X-Content-Type-Options", "nosniff"));
    return new Page(200, headers, reader.method().equals("HEAD") ? NOTHING : body);
  }

  /// The public document of an incident as one server-sent event, to be sent at each change.
  public byte[] event(Incident incident, Language language) {
    String json = incidentJson(incident, language, Optional.empty());
    return ("data: " + json + "\n\n").getBytes(StandardCharsets.UTF_8);
  }

  /// The place of one who waited, as a server-sent event of the name `admission`.
  public static byte[] event(Admission admission) {
    String json = ProblemDocument.ofAdmission(admission);
    return ("event: admission\ndata: " + json + "\n\n").getBytes(StandardCharsets.UTF_8);
  }

  /// What operators see of an incident, as JSON: the visitor's document and all that it keeps back.
  public String operatorJson(Incident incident, Language language) {
    return operatorJson(incident, language, OperatorNotes.NONE);
  }

  /// The same, with what is known beside the diagnosis.
  public String operatorJson(Incident incident, Language language, OperatorNotes notes) {
    return operatorDocument().of(incident, texts(language.forOperators()), notes);
  }

  /// What a visitor would see, for operators to look at: the page without its script, as there is
  /// no incident to watch.
  ///
  /// @throws IllegalArgumentException for a language that there is not
  public Page preview(Preview preview, Language language, Form form) {
    if (!languages.all().contains(language)) {
      throw new IllegalArgumentException("language: " + language.tag());
    }
    View view = preview.view(Instant.now());
    HtmlPage page = in(language).html();
    byte[] body =
        form == Form.HTML
            ? page.still(view).getBytes(StandardCharsets.UTF_8)
            : body(view, new Reader(Audience.OPERATOR, "GET", form, language, false));
    List<Field> headers = new ArrayList<>();
    headers.add(new Field("Content-Type", form.isGrpc() ? TEXT : form.contentType()));
    headers.add(new Field("Content-Language", language.tag()));
    headers.add(new Field("Cache-Control", "no-store"));
    headers.add(new Field("X-Content-Type-Options", "nosniff"));
    headers.add(
        new Field(
            "Content-Security-Policy",
            form == Form.HTML ? page.contentSecurityPolicy() : "default-src 'none'"));
    return new Page(200, headers, body);
  }

  /// The languages in which it speaks.
  public Languages languages() {
    return languages;
  }

  /// What the gateway calls itself in Proxy-Status.
  public String name() {
    return name;
  }

  /// The field Proxy-Status for an answer that came from upstream and is passed on, or for an
  /// answer of the gateway's own: members that came from upstream first.
  public String proxyStatus(FailedExchange exchange, Audience audience) {
    return Disclosure.proxyStatus(name, exchange, audience);
  }

  private String incidentJson(Incident incident, Language language, Optional<Admission> admission) {
    return ProblemDocument.ofIncident(Disclosure.anybody(incident), texts(language), admission);
  }

  private Texts texts(Language language) {
    return in(language).texts();
  }

  private byte[] body(View view, Reader reader) {
    Texts words = texts(reader.language());
    String document =
        switch (reader.form()) {
          case HTML -> in(reader.language()).html().of(view);
          case PROBLEM -> ProblemDocument.of(view, words);
          case MARKDOWN -> TextDocument.markdown(view, words);
          case TEXT -> TextDocument.plain(view, words);
          case TINY -> TextDocument.tiny(view);
          case GRPC, GRPC_WEB -> TextDocument.grpcMessage(view, words);
        };
    return document.getBytes(StandardCharsets.UTF_8);
  }

  private Page page(Diagnosis diagnosis, FailedExchange exchange, Written shown, Reader reader) {
    View view = shown.view();
    byte[] body = shown.body();
    boolean grpc = reader.form().isGrpc();
    List<Field> headers = new ArrayList<>(20);
    headers.add(new Field("Content-Type", reader.form().contentType()));
    headers.add(new Field("Content-Length", grpc ? "0" : Integer.toString(body.length)));
    headers.add(new Field("Content-Language", reader.language().tag()));
    headers.add(new Field("Cache-Control", "no-store"));
    headers.add(new Field("Retry-After", Long.toString(view.retryAfterSeconds())));
    headers.add(
        new Field("Proxy-Status", Disclosure.proxyStatus(name, exchange, reader.audience())));
    headers.add(new Field("Server-Timing", ServerTiming.of(exchange, diagnosis)));
    headers.add(new Field("Whygate-Incident", view.incident()));
    headers.add(new Field("Whygate-Cause", view.cause().code()));
    headers.add(new Field("Vary", "Accept, Accept-Language"));
    headers.add(new Field("X-Content-Type-Options", "nosniff"));
    headers.add(new Field("Referrer-Policy", "no-referrer"));
    if (reader.form() == Form.HTML) {
      HtmlPage page = in(reader.language()).html();
      headers.add(new Field("Content-Security-Policy", page.contentSecurityPolicy()));
    }
    if (grpc) {
      boolean late = ProxyStatus.of(exchange).status(false) == 504;
      int code = late ? 4 : 14;
      String message = TextDocument.grpcText(view, texts(reader.language()));
      headers.add(new Field("grpc-status", Integer.toString(code)));
      headers.add(new Field("grpc-message", new String(body, StandardCharsets.US_ASCII)));
      headers.add(new Field("grpc-status-details-bin", GrpcDetails.of(view, code, message)));
      return new Page(200, headers, NOTHING);
    }
    return new Page(view.status(), headers, reader.method().equals("HEAD") ? NOTHING : body);
  }

  private static Key key(
      Diagnosis diagnosis, FailedExchange exchange, Incident incident, Reader reader) {
    boolean timed = reader.form() == Form.PROBLEM;
    return new Key(
        diagnosis,
        incident.id(),
        incident.state(),
        reader.form(),
        reader.language(),
        Disclosure.status(exchange, reader),
        exchange.symptom(),
        exchange.processed(),
        reader.isSafe(),
        timed ? Disclosure.elapsedMillis(diagnosis, exchange) : 0);
  }

  /// What is shown depends on, and with it the body. A diagnosis is told by its identity: it is
  /// shared as one object, and comparing its evidence would cost more than writing the page.
  private record Key(
      Diagnosis diagnosis,
      String incident,
      Incident.State state,
      Form form,
      Language language,
      int status,
      Symptom symptom,
      RequestProcessed processed,
      boolean repeatable,
      long elapsedMillis) {
    @Override
    @SuppressWarnings("ReferenceEquality")
    public boolean equals(Object other) {
      return other instanceof Key k
          && diagnosis == k.diagnosis
          && incident.equals(k.incident)
          && state == k.state
          && form == k.form
          && language == k.language
          && status == k.status
          && symptom == k.symptom
          && processed == k.processed
          && repeatable == k.repeatable
          && elapsedMillis == k.elapsedMillis;
    }

    @Override
    public int hashCode() {
      int hash = System.identityHashCode(diagnosis);
      hash = 31 * hash + incident.hashCode();
      hash = 31 * hash + form.hashCode();
      hash = 31 * hash + language.hashCode();
      hash = 31 * hash + symptom.hashCode();
      hash = 31 * hash + processed.hashCode();
      return 31 * hash + Long.hashCode(elapsedMillis) * 2 + (repeatable ? 1 : 0);
    }
  }
}
