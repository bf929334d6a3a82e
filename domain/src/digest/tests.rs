//! The digest's tree: fixed values, and what holds for every run.

use proptest::prelude::*;

use super::*;

fn line(sequence: u32, amount: i64) -> DigestLine<'static> {
    DigestLine {
        entitlement: "e-1",
        component: "monthly_allowance",
        cover_month: Month::new(2024, 9).unwrap(),
        kind: "regular",
        sequence,
        amount: Vnd::new(amount).unwrap(),
        bank: "AGRIBANK",
        account: "8000205123456",
        name: "Nguyễn \"Văn\"\n\u{1f}\u{7f}/Án",
    }
}

#[test]
fn the_root_is_fixed_for_ever() {
    assert_eq!(
        line(1, 9_007_199_254_740_991).canonical_json().unwrap(),
        "{\"account\":\"8000205123456\",\"amount\":9007199254740991,\"bank\":\"AGRIBANK\",\
         \"component\":\"monthly_allowance\",\"cover_month\":\"2024-09\",\"entitlement\":\"e-1\",\
         \"kind\":\"regular\",\"name\":\"Nguyễn \\\"Văn\\\"\\n\\u001f\u{7f}/Án\",\"sequence\":1,\"v\":1}"
    );
    // Computed with Python's hashlib by the split rule of RFC 6962.
    let lines: Vec<_> = (1..=5).map(|i| line(i, 500_000)).collect();
    assert_eq!(
        hex::encode(run_digest(&lines).unwrap()),
        "c441329018a574fb6572c7a671d3de83b49305628976fa79c01c8b96a351a8b2"
    );
    assert_eq!(
        hex::encode(run_digest(&[]).unwrap()),
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    );
}

#[test]
fn a_large_run_has_the_root_of_its_lines_one_by_one() {
    for count in [MANY - 1, MANY, MANY + 1] {
        let lines: Vec<_> = (0..u32::try_from(count).unwrap()).map(|i| line(i, 500_000)).collect();
        let mut streamed = RootBuilder::default();
        lines.iter().for_each(|line| streamed.push(line).unwrap());
        assert_eq!(run_digest(&lines).unwrap(), streamed.root());
    }
}

#[test]
fn one_key_twice_and_a_wrong_order_are_refused() {
    assert_eq!(run_digest(&[line(1, 5), line(1, 6)]), Err(DigestError::DuplicateKey));
    let mut builder = RootBuilder::default();
    builder.push(&line(2, 5)).unwrap();
    assert_eq!(builder.push(&line(1, 5)), Err(DigestError::NotSorted));
    assert_eq!(builder.push(&line(2, 5)), Err(DigestError::DuplicateKey));
}

proptest! {
    #[test]
    fn what_is_hashed_is_the_canonical_json(account in any::<String>(), name in any::<String>(), amount in 0_i64..9_007_199_254_740_991) {
        let own = DigestLine { account: &account, name: &name, ..line(7, amount) };
        let canonical = own.canonical_json().unwrap();
        let hash: Hash = Sha256::new_with_prefix([0]).chain_update(canonical).finalize().into();
        prop_assert_eq!(own.leaf().unwrap(), hash);
    }

    #[test]
    fn every_line_is_provable_and_no_other(count in 1_u32..40, pick in any::<prop::sample::Index>()) {
        let lines: Vec<_> = (0..count).map(|i| line(i, 500_000 + i64::from(i))).collect();
        let tree = Tree::new(&lines).unwrap();
        let root = tree.root();
        let mut streamed = RootBuilder::default();
        lines.iter().for_each(|line| streamed.push(line).unwrap());
        prop_assert_eq!(streamed.root(), root);

        let mut chosen = lines[pick.index(lines.len())];
        let proof = tree.prove(&chosen.key()).unwrap();
        prop_assert!(proof.verify(&root, &chosen));
        let mut longer = proof.clone();
        longer.siblings.push(hex::encode(root));
        prop_assert!(!longer.verify(&root, &chosen));
        let sided = proof.sided().unwrap();
        prop_assert!(verify_proof(&root, &chosen.leaf().unwrap(), &sided));
        prop_assert_eq!(super::proof(&lines, &chosen.key()).unwrap(), proof.clone());
        chosen.amount = Vnd::new(chosen.amount.dong() + 1).unwrap();
        prop_assert!(!proof.verify(&root, &chosen));
        prop_assert!(!verify_proof(&root, &chosen.leaf().unwrap(), &sided));
        prop_assert_eq!(tree.prove(&line(count, 1).key()), Err(DigestError::NoSuchLine));
    }

    #[test]
    fn every_leaf_of_any_run_is_proven_and_none_with_another_amount(
        amounts in prop::collection::vec(1_i64..2_000_000, 1..200),
        more in 1_i64..1_000,
    ) {
        let lines: Vec<_> = (0..).zip(&amounts).map(|(i, amount)| line(i, *amount)).collect();
        let tree = Tree::new(&lines).unwrap();
        let root = tree.root();
        for own in &lines {
            let sided = tree.prove(&own.key()).unwrap().sided().unwrap();
            prop_assert!(verify_proof(&root, &own.leaf().unwrap(), &sided));
            let forged = DigestLine { amount: Vnd::new(own.amount.dong() + more).unwrap(), ..*own };
            prop_assert!(!verify_proof(&root, &forged.leaf().unwrap(), &sided));
        }
    }

    #[test]
    fn lines_are_hashed_in_the_order_of_their_key_bytes(
        names in prop::collection::vec("[ab\\x00]{0,20}|[0-9a-f]{32}", 1..12),
        components in prop::collection::vec("[ab]{0,2}", 1..4),
    ) {
        let mut lines = Vec::new();
        for entitlement in &names {
            for component in &components {
                lines.push(DigestLine { entitlement, component, ..line(1, 5) });
                lines.push(DigestLine { entitlement, component, kind: "deduction", ..line(2, 5) });
            }
        }
        for (one, other) in lines.iter().zip(lines.iter().rev()) {
            prop_assert_eq!(one.key_order(other), one.key().cmp(&other.key()));
        }
        prop_assert_eq!(run_digest(&lines), Tree::new(&lines).map(|tree| tree.root()));
    }

    #[test]
    fn the_order_of_the_lines_does_not_matter(lines in Just((0..20).collect::<Vec<u32>>()).prop_shuffle()) {
        let lines: Vec<_> = lines.into_iter().map(|i| line(i, 7)).collect();
        let mut sorted = lines.clone();
        sorted.sort_by_key(DigestLine::key);
        prop_assert_eq!(run_digest(&lines).unwrap(), run_digest(&sorted).unwrap());
    }
}
