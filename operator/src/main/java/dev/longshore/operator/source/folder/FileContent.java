package dev.longshore.operator.source.folder;

import dev.longshore.operator.source.Kind;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.source.Stub;
import dev.longshore.operator.source.manifest.Document;
import dev.longshore.operator.source.manifest.Document.Manifest;
import dev.longshore.operator.source.manifest.DocumentPlaces;
import dev.longshore.operator.source.manifest.DocumentReader;
import dev.longshore.operator.source.manifest.DocumentSplitter;
import dev.longshore.operator.source.manifest.Fault;
import dev.longshore.operator.source.manifest.Position;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What one file holds, and what of its earlier content still counts: where a document can't be read
 * now, the resources that it held when it last could stay, so that a slip of the pen takes nothing
 * down. Of what there is no room for nothing is kept but that it stands here. Immutable.
 */
final class FileContent {
  private final String file;
  private final List<Part> parts;
  private final Map<ResourceRef, Claim> claims;
  private final List<ManifestProblem> problems;
  private final boolean unreadable;
  private final boolean endsLine;
  private final Set<String> payers;

  private FileContent(
      String file,
      List<Part> parts,
      Map<ResourceRef, Claim> claims,
      List<ManifestProblem> problems,
      boolean unreadable,
      boolean endsLine) {
    this.file = file;
    this.parts = parts;
    this.claims = claims;
    this.problems = List.copyOf(problems);
    this.unreadable = unreadable;
    this.endsLine = endsLine;
    Set<String> namespaces = new HashSet<>();
    claims.keySet().forEach(ref -> namespaces.add(ref.namespace()));
    // No namespace has a slash.
    this.payers = namespaces.isEmpty() ? Set.of("/" + file) : Set.copyOf(namespaces);
  }

  /**
   * A document at its place in the file.
   *
   * @param text null: what it says isn't held, and it is read again with the file
   */
  private record Part(@Nullable String text, int linesBefore, Document document) {
    boolean isFaulty() {
      return !document.faults().isEmpty()
          || document.manifests().stream().anyMatch(manifest -> !manifest.faults().isEmpty());
    }

    Position inFile(Position at) {
      return new Position(at.line() + linesBefore, at.column());
    }
  }

  /**
   * A resource as a file claims it.
   *
   * @param refused why it isn't served as it could be read; null: it is
   * @param forgotten whether its content isn't held, and the file has to be read for it
   */
  record Claimed(HasMetadata resource, @Nullable String refused, boolean forgotten) {}

  /** A claim, where it was made, and since when it only stays because it can't be read. */
  private record Claim(Claimed claimed, Manifest manifest, Part part, @Nullable Instant kept) {
    Claim keptSince(Instant now) {
      return kept == null ? new Claim(claimed, manifest, part, now) : this;
    }
  }

  /** A file that was not there before. */
  static FileContent none(String file) {
    return new FileContent(file, List.of(), Map.of(), List.of(), false, true);
  }

  /** This file with a new text; documents whose text did not change aren't read again. */
  FileContent with(String text, Instant now) {
    List<DocumentSplitter.Piece> pieces = DocumentSplitter.split(text);
    Map<String, Document> read = new HashMap<>();
    for (Part part : parts) {
      if (part.text() != null) {
        read.put(part.text(), part.document());
      }
    }
    List<Part> newParts = new ArrayList<>(pieces.size());
    for (DocumentSplitter.Piece piece : pieces) {
      Document document = read.get(piece.text());
      newParts.add(
          new Part(
              piece.text(),
              piece.linesBefore(),
              document == null ? DocumentReader.read(piece.text()) : document));
    }
    // JSON that reads is whole: it ends with its brace.
    boolean json = DocumentSplitter.looksLikeJson(text);
    return judge(newParts, json || text.isEmpty() || text.endsWith("\n"), now);
  }

  /** This file without what some resources say. */
  FileContent without(Set<ResourceRef> unheld) {
    Map<Part, Part> less = new IdentityHashMap<>();
    List<Part> newParts = parts.stream().map(part -> without(unheld, part, less)).toList();
    Map<ResourceRef, Claim> newClaims = new LinkedHashMap<>();
    claims.forEach(
        (ref, claim) -> {
          Part part = without(unheld, claim.part(), less);
          if (unheld.contains(ref)) {
            HasMetadata shell = Stub.shell(claim.claimed().resource());
            Claimed claimed = new Claimed(shell, claim.claimed().refused(), true);
            newClaims.put(ref, new Claim(claimed, claim.manifest().shell(), part, claim.kept()));
          } else {
            newClaims.put(ref, new Claim(claim.claimed(), claim.manifest(), part, claim.kept()));
          }
        });
    return new FileContent(file, newParts, newClaims, problems, unreadable, endsLine);
  }

  private static Part without(Set<ResourceRef> unheld, Part part, Map<Part, Part> known) {
    boolean concerned =
        part.document().manifests().stream().anyMatch(each -> unheld.contains(each.ref()));
    return concerned
        ? known.computeIfAbsent(
            part, whole -> new Part(null, whole.linesBefore(), whole.document().without(unheld)))
        : part;
  }

  /** This file when its text can't be had: everything stays. */
  FileContent unreadable(String why, Instant now) {
    Map<ResourceRef, Claim> kept = new LinkedHashMap<>();
    claims.forEach((ref, claim) -> kept.put(ref, claim.keptSince(now)));
    List<ManifestProblem> problem = List.of(wholeFile(why + keptNote(kept.size(), now)));
    return new FileContent(file, parts, kept, problem, true, endsLine);
  }

  private FileContent judge(List<Part> newParts, boolean lineEnded, Instant now) {
    Map<ResourceRef, Claim> newClaims = new LinkedHashMap<>();
    Map<ResourceRef, Position> faulty = new HashMap<>();
    List<ManifestProblem> found = new ArrayList<>();
    boolean lost = false;
    for (Part part : newParts) {
      part.document()
          .notes()
          .forEach(note -> found.add(problem(ManifestProblem.Severity.NOTE, part, null, note)));
      for (Fault warning : part.document().warnings()) {
        ResourceRef ref = part.document().at(warning.at());
        found.add(problem(ManifestProblem.Severity.WARNING, part, ref, warning));
      }
      for (Manifest manifest : part.document().manifests()) {
        HasMetadata resource = manifest.resource();
        if (resource == null) {
          faulty.put(manifest.ref(), part.inFile(manifest.at()));
          continue;
        }
        Claim first =
            newClaims.putIfAbsent(
                manifest.ref(), new Claim(claim(manifest, resource, null), manifest, part, null));
        if (first != null) {
          boolean same = Objects.equals(first.manifest().resource(), resource);
          found.add(
              problem(
                  same ? ManifestProblem.Severity.NOTE : ManifestProblem.Severity.ERROR,
                  part,
                  manifest.ref(),
                  new Fault(
                      manifest.at(),
                      manifest.path(),
                      manifest.ref()
                          + " stands in this file twice; the first, in line "
                          + first.part().inFile(first.manifest().at()).line()
                          + (same ? ", says the same" : ", counts"))));
        }
      }
      lost |= !part.document().faults().isEmpty();
    }
    // A document that can't be read may be any of those that are missing now.
    int kept = 0;
    for (Map.Entry<ResourceRef, Claim> earlier : claims.entrySet()) {
      ResourceRef ref = earlier.getKey();
      boolean wasRead = earlier.getValue().claimed().refused() == null;
      if (wasRead && !newClaims.containsKey(ref) && (lost || faulty.containsKey(ref))) {
        newClaims.put(ref, earlier.getValue().keptSince(now));
        kept += faulty.containsKey(ref) ? 0 : 1;
      }
    }
    for (Part part : newParts) {
      for (Fault fault : part.document().faults()) {
        found.add(
            problem(
                ManifestProblem.Severity.ERROR, part, null, withNote(fault, keptNote(kept, now))));
      }
      for (Manifest manifest : part.document().manifests()) {
        for (Fault fault : manifest.faults()) {
          boolean stays = newClaims.containsKey(manifest.ref());
          String note = stays ? "; it stays as it was before" : fate(manifest);
          found.add(
              problem(ManifestProblem.Severity.ERROR, part, manifest.ref(), withNote(fault, note)));
        }
      }
    }
    for (Part part : newParts) {
      for (Manifest manifest : part.document().manifests()) {
        HasMetadata remainder = manifest.remainder();
        if (remainder != null) {
          Claimed claimed = claim(manifest, remainder, manifest.refusal());
          newClaims.putIfAbsent(manifest.ref(), new Claim(claimed, manifest, part, null));
        }
      }
    }
    found.sort(
        Comparator.comparingInt(ManifestProblem::line).thenComparingInt(ManifestProblem::column));
    return new FileContent(file, newParts, newClaims, found, false, lineEnded);
  }

  /** What becomes of a resource with faults that was not read before. */
  private static String fate(Manifest manifest) {
    boolean config = manifest.ref().kind() == Kind.LONGSHORE_CONFIG;
    if (manifest.remainder() == null) {
      return "; it is not served";
    }
    if (manifest.refusal() == null) {
      return "; the rest of it holds";
    }
    return config
        ? "; rules that have their defaults from it answer 503"
        : "; its rules answer 503";
  }

  /** The claim that was there before, if it says the same. */
  private Claimed claim(Manifest manifest, HasMetadata resource, @Nullable String refused) {
    Claim before = claims.get(manifest.ref());
    Claimed now = new Claimed(resource, refused, false);
    return before != null && before.claimed().equals(now) ? before.claimed() : now;
  }

  private static String keptNote(int count, Instant now) {
    return count == 0
        ? ""
        : "; "
            + (count == 1 ? "the resource" : count + " resources")
            + " that stood here stays as it was before "
            + now.truncatedTo(ChronoUnit.SECONDS);
  }

  private static Fault withNote(Fault fault, String note) {
    return new Fault(fault.at(), fault.field(), fault.message() + note);
  }

  private ManifestProblem problem(
      ManifestProblem.Severity severity, Part part, @Nullable ResourceRef ref, Fault fault) {
    Position at = part.inFile(fault.at());
    return new ManifestProblem(
        severity, file, at.line(), at.column(), ref, fault.field(), fault.message());
  }

  private ManifestProblem wholeFile(String message) {
    return new ManifestProblem(ManifestProblem.Severity.ERROR, file, 0, 0, null, "", message);
  }

  /** The resources that this file claims. */
  Map<ResourceRef, Claimed> resources() {
    Map<ResourceRef, Claimed> resources = new LinkedHashMap<>();
    claims.forEach((ref, claim) -> resources.put(ref, claim.claimed()));
    return resources;
  }

  /** Whose share of the reading it takes: its namespaces, or itself when it says nothing. */
  Set<String> payers() {
    return payers;
  }

  List<ManifestProblem> problems() {
    return problems;
  }

  /**
   * Whether this looks like a file that somebody is still writing: something new in it can't be
   * read, something that was in an earlier one is gone, or it ends within a line and an earlier one
   * did not. The last because a route that is cut off before its policy reads well.
   */
  boolean looksHalfWritten(FileContent earlier) {
    if (unreadable
        || (earlier.endsLine && !endsLine)
        || !claims.keySet().containsAll(earlier.claims.keySet())) {
      return true;
    }
    Set<String> known = new HashSet<>();
    earlier.parts.stream().map(Part::text).filter(Objects::nonNull).forEach(known::add);
    return parts.stream().anyMatch(part -> part.isFaulty() && !known.contains(part.text()));
  }

  /**
   * Where a field of a resource stands.
   *
   * @param field empty: the resource, whose place is known without reading
   * @param places reads the text of its document again, which takes as long as the document is
   * @return {@code file:line:column}; only the file when the resource is an earlier one
   */
  String locate(ResourceRef ref, String field, DocumentPlaces places) {
    Claim claim = claims.get(ref);
    String text = claim == null ? null : claim.part().text();
    if (claim == null || text == null || claim.kept() != null || field.isEmpty()) {
      return where(place(ref));
    }
    String path = claim.manifest().path();
    Position at = places.find(text, path.isEmpty() ? field : path + "." + field);
    return where(at == null ? null : claim.part().inFile(at));
  }

  /** Where a resource begins; null when it isn't held, or is an earlier one. Reads nothing. */
  @Nullable Position place(ResourceRef ref) {
    Claim claim = claims.get(ref);
    return claim == null || claim.part().text() == null || claim.kept() != null
        ? null
        : claim.part().inFile(claim.manifest().at());
  }

  /** {@code file:line:column}; null: only the file. */
  String where(@Nullable Position at) {
    return at == null ? file : file + ":" + at.line() + ":" + at.column();
  }
}
