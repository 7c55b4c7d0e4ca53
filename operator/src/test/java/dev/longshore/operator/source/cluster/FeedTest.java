package dev.longshore.operator.source.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.operator.source.Kind;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.process.watch.Part;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.client.informers.cache.ItemStore;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What becomes of events that come twice, out of order, or from an informer that was replaced. */
class FeedTest {
  private final List<String> heard = new ArrayList<>();
  private final Feed<Service> feed =
      new Feed<>(
          "Services",
          Kind.SERVICE,
          () -> {
            throw new AssertionError("is not started");
          },
          new Feed.Sink<>() {
            @Override
            public void put(Feed<?> from, Service service) {
              if (service.getMetadata().getName().equals("poison")) {
                throw new StackOverflowError();
              }
              heard.add(
                  service.getMetadata().getName()
                      + "@"
                      + service.getMetadata().getResourceVersion());
            }

            @Override
            public void remove(Feed<?> from, ResourceRef ref) {
              heard.add("-" + ref.name());
            }
          },
          Part.unwatched("informers"));

  @Test
  void anOlderEventBehindANewerOneIsNotTaken() {
    ItemStore<Service> store = feed.store();
    put(store, "chat", "uid-1", 5);
    put(store, "chat", "uid-1", 9);
    put(store, "chat", "uid-1", 5);
    put(store, "other", "uid-2", 3);
    put(store, "chat", "uid-1", 10);
    assertThat(heard).containsExactly("chat@5", "chat@9", "other@3", "chat@10");
  }

  @Test
  void ofOneThatWasMadeAnewEverythingIsNews() {
    ItemStore<Service> store = feed.store();
    put(store, "chat", "uid-1", 9);
    put(store, "chat", "uid-2", 8);
    assertThat(heard).containsExactly("chat@9", "chat@8");
  }

  /** An exception from a store ends the watch, and the list that follows it, again and again. */
  @Test
  void oneThatCantBeTakenEndsNoOthers() {
    ItemStore<Service> store = feed.store();
    put(store, "chat", "uid-1", 5);
    put(store, "poison", "uid-2", 6);
    put(store, "chat", "uid-1", 7);
    assertThat(heard).containsExactly("chat@5", "chat@7");
  }

  @Test
  void aRemovalThatComesTwiceIsOne() {
    ItemStore<Service> store = feed.store();
    put(store, "chat", "uid-1", 5);
    store.remove("demo/chat");
    store.remove("demo/chat");
    put(store, "chat", "uid-2", 7);
    assertThat(heard).containsExactly("chat@5", "-chat", "chat@7");
  }

  @Test
  void anOlderStateIsTakenFromANewInformerAndNothingMoreFromTheLast() {
    ItemStore<Service> last = feed.store();
    put(last, "chat", "uid-1", 9);
    put(last, "gone", "uid-2", 8);
    ItemStore<Service> restored = feed.store();
    put(last, "chat", "uid-1", 11);
    last.remove("demo/gone");
    put(restored, "chat", "uid-1", 4);
    put(restored, "chat", "uid-1", 3);
    restored.remove("demo/gone");
    assertThat(heard).containsExactly("chat@9", "gone@8", "chat@4", "-gone");
  }

  private static void put(ItemStore<Service> store, String name, String uid, int version) {
    store.put(
        "demo/" + name,
        new ServiceBuilder()
            .withNewMetadata()
            .withNamespace("demo")
            .withName(name)
            .withUid(uid)
            .withResourceVersion(String.valueOf(version))
            .endMetadata()
            .build());
  }
}
