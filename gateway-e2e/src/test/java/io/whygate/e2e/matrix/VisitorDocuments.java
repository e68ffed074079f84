package io.whygate.e2e.matrix;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// All that visitors can be given of a failure: each form in each language, the public document of
/// its incident and its stream of events. None of it may tell what lies behind the gateway, and
/// each has what the contract says.
final class VisitorDocuments {
  private static final List<String> LANGUAGES = List.of("en", "vi");
  private static final String INCIDENTS = "/.well-known/whygate/incidents/";

  private final Scene scene;
  private final HeldGateway gateway;
  private final String incident;

  VisitorDocuments(Scene scene, HeldGateway gateway, String incident) {
    this.scene = scene;
    this.gateway = gateway;
    this.incident = incident;
  }

  private record Document(String name, Answer answer) {
    String text() {
      return answer.fields() + "\n" + answer.text();
    }
  }

  /// What is wrong with the public documents of the incident.
  List<String> ofIncident() throws Exception {
    List<Callable<Document>> asked = new ArrayList<>();
    for (String language : LANGUAGES) {
      String accept = "Accept-Language: " + language;
      asked.add(() ->
          new Document(
              "the incident, " + language,
              Client.send(gateway.uri(), "GET", INCIDENTS + incident, "", accept)));
      asked.add(() ->
          new Document(
              "its events, " + language,
              Client.firstEvent(gateway.uri(), INCIDENTS + incident + "/events", accept)));
    }
    List<String> wrong = new ArrayList<>();
    for (Document each : all(asked)) {
      examineSecrets(each, wrong);
      if (each.answer().status() != 200 || !each.answer().text().contains(incident)) {
        wrong.add(each.name() + ": " + each.answer().status() + " " + each.answer().text());
      }
    }
    return wrong;
  }

  /// What is wrong with the replies.
  ///
  /// @param first the reply to the first request, which all others have to agree with
  List<String> ofReplies(Answer first) throws Exception {
    List<Callable<Document>> asked = new ArrayList<>();
    for (Wanted form : Wanted.all()) {
      for (String language : LANGUAGES) {
        asked.add(() -> new Document(form + ", " + language, ask(form, language)));
      }
    }
    List<Document> given = all(asked);
    List<String> wrong = new ArrayList<>();
    for (int i = 0; i < given.size(); i++) {
      Wanted form = Wanted.all().get(i / LANGUAGES.size());
      if (form.equals(Wanted.HEAD) && given.get(i).answer().cause().isEmpty()) {
        // The fault is one of content: the server answers HEAD itself.
        continue;
      }
      examineSecrets(given.get(i), wrong);
      examineFields(given.get(i), form, LANGUAGES.get(i % LANGUAGES.size()), first, wrong);
    }
    return wrong;
  }

  private Answer ask(Wanted form, String language) throws Exception {
    String method = form.method().isEmpty() ? scene.method() : form.method();
    return Client.send(
        gateway.uri(),
        method,
        scene.path(),
        method.equals("POST") ? "order=1" : "",
        form.with("Accept-Language: " + language));
  }

  private void examineSecrets(Document document, List<String> wrong) {
    Set<String> told = Secrets.in(document.text(), scene);
    if (!told.isEmpty()) {
      wrong.add(document.name() + " tells visitors " + told + ": " + document.text());
    }
  }

  private static void examineFields(
      Document document, Wanted form, String language, Answer first, List<String> wrong) {
    Answer answer = document.answer();
    int status = form.isGrpc() ? 200 : first.status();
    if (answer.status() != status) {
      wrong.add(document.name() + ": " + answer.status() + " (expected: " + status + ")");
    }
    same(document, "content-type", form.type(), wrong);
    same(document, "content-language", language, wrong);
    same(document, "vary", "Accept, Accept-Language", wrong);
    same(document, "cache-control", "no-store", wrong);
    for (String name : List.of("whygate-cause", "whygate-incident")) {
      same(document, name, first.field(name).orElse(""), wrong);
    }
    if (!answer.error().equals(first.error())) {
      wrong.add(document.name() + ": " + answer.error() + " (expected: " + first.error() + ")");
    }
    for (String name : List.of("retry-after", "server-timing", "proxy-status")) {
      if (answer.field(name).isEmpty()) {
        wrong.add(document.name() + " has no " + name);
      }
    }
    if (answer.field("set-cookie").isPresent()) {
      wrong.add(document.name() + " sets a cookie");
    }
  }

  private static void same(Document document, String name, String expected, List<String> wrong) {
    String found = document.answer().field(name).orElse("");
    if (!found.equals(expected)) {
      wrong.add(document.name() + ": " + name + ": " + found + " (expected: " + expected + ")");
    }
  }

  private static List<Document> all(List<Callable<Document>> asked)
      throws InterruptedException, ExecutionException {
    List<Document> documents = new ArrayList<>();
    try (var threads = Executors.newThreadPerTaskExecutor(Thread.ofPlatform().factory())) {
      for (Future<Document> each : threads.invokeAll(asked)) {
        documents.add(each.get());
      }
    }
    return documents;
  }
}
