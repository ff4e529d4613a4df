// A newspaper made with Vue: vue-disqus as it comes from its package.
import { createApp, h, reactive } from "vue";
import VueDisqus, { Disqus, DisqusCount } from "vue-disqus";

const article = reactive(window.article);
window.show = (next) => Object.assign(article, next);
const heard = Object.fromEntries(
  ["Ready", "NewComment", "BeforeComment", "Paginate"].map((name) => [`on${name}`, (said) => window.said.push([name, said ?? null])]),
);

createApp({
  render: () => [
    h(DisqusCount, { shortname: article.shortname, identifier: article.pageConfig.identifier }),
    h(Disqus, { ...article, ...heard }),
  ],
})
  .use(VueDisqus, { shortname: article.shortname })
  .mount("#app");
